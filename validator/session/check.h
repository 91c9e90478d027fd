// Check: would the model take this input? Decided before the caller's data runs. Backs `check`.

#ifndef VALIDATOR_SESSION_CHECK_H_
#define VALIDATOR_SESSION_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/report/report.h"
#include "validator/session/model_file.h"
#include "validator/session/runner.h"

namespace torchassay {

struct CheckOptions {
  std::string path;                 // a `.pt` or a bundle
  std::vector<std::string> inputs;  // specs; or
  std::string inputs_path;          // a tensor file
  LoadOptions load;
  std::string method;  // "": the bundle's own, or `forward`
  std::string device = "cpu";
  double timeout_s = 300;
  std::int64_t memory_bytes = 0;
};

// A bundle's own signature is asked first, then in either case the model. A refused input is a finding that
// names the operator that refuses it. Errors: kUsage for a malformed spec (TA310); those of OpenModelFile and
// PermitLoad.
Result<Report> Check(const CheckOptions& options, Runner& runner);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_CHECK_H_
