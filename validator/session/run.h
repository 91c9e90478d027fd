// Run: one call of a model on inputs made from specs or read from a file. Backs `run`.

#ifndef VALIDATOR_SESSION_RUN_H_
#define VALIDATOR_SESSION_RUN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/report/report.h"
#include "validator/session/model_file.h"
#include "validator/session/runner.h"

namespace torchassay {

struct RunOptions {
  std::string path;                 // a `.pt` or a bundle
  std::vector<std::string> inputs;  // FILL:SPEC; or
  std::string inputs_path;          // a tensor file
  std::string output_path;          // safetensors to write; "" for none
  LoadOptions load;
  std::string method;  // "": the bundle's own, or `forward`
  std::string device = "cpu";
  std::uint64_t seed = 0;  // of random fills
  double timeout_s = 300;
  std::int64_t memory_bytes = 0;
};

struct RunResult {
  Report report;  // passed where the model returned; else with findings
  std::vector<OutputPreview> outputs;
};

// Errors: kUsage for a malformed spec (TA310); those of OpenModelFile and PermitLoad.
Result<RunResult> Run(const RunOptions& options, Runner& runner);

// "ok", then a line for each output: its path, dtype, sizes and first five values.
std::string RunText(const RunResult& result);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_RUN_H_
