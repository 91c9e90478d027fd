// Validate: runs the recorded cases of bundles and compares what comes out with what was recorded.
// The library that backs `validate`.

#ifndef VALIDATOR_SESSION_VALIDATE_H_
#define VALIDATOR_SESSION_VALIDATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/report/report.h"
#include "validator/session/model_file.h"
#include "validator/session/runner.h"

namespace torchassay {

struct ValidateOptions {
  std::vector<std::string> paths;  // of bundles
  LoadOptions load;
  std::string device = "cpu";
  int jobs = 1;                   // models at once
  double timeout_s = 300;         // for each model; 0: none
  std::int64_t memory_bytes = 0;  // for each model; 0: what the machine has to spare
  bool localise = false;          // of a model with a wrong output, name the first submodule that differs
  std::string against_path;       // with `localise`: from this model instead of from what was recorded; "" for none
  std::string policy_path;        // "" for none
  std::string baseline_path;      // result of an earlier run, "" for none
  std::string today;              // "2026-11-23": decides which waivers have expired
  // Called after each model that ran.
  std::function<void(std::size_t done, std::size_t total)> on_progress;
};

// One ModelReport for each path, in order. A bundle that cannot be read or verified is a finding of its
// model, and the others go on. Nothing passes by accident: a bare `.pt`, a bundle without cases, and cases
// in which no output was compared all come to "nothing checked". A Status only where the runner itself fails,
// or the policy (TA607), the baseline or the model to compare with cannot be read.
Result<Report> Validate(const ValidateOptions& options, Runner& runner);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_VALIDATE_H_
