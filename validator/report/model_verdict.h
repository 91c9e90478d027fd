// ModelVerdict: how a model, or a whole run, ended. Each command's exit status follows from it alone.

#ifndef VALIDATOR_REPORT_MODEL_VERDICT_H_
#define VALIDATOR_REPORT_MODEL_VERDICT_H_

#include <optional>
#include <string>
#include <string_view>

#include "validator/base/finding.h"
#include "validator/base/status.h"

namespace torchassay {

enum class ModelVerdict {
  kPassed,          // something was checked, and all of it held
  kFailed,          // the model is wrong: mismatch, proved divergence, refused input
  kNotDone,         // we could not do the job: unreadable file, missing device
  kNothingChecked,  // nothing was there to check
  kCrashed,         // the model crashed, hung or passed its memory limit
};

// "passed", "failed", "not done", "nothing checked", "crashed".
std::string_view ModelVerdictName(ModelVerdict verdict);
std::optional<ModelVerdict> ParseModelVerdict(std::string_view name);

// The one that a run with both results ends with: the first of crashed, not done, failed, nothing
// checked, passed.
ModelVerdict Worse(ModelVerdict a, ModelVerdict b);

// What a model comes to by one finding that fails it: a code of execution that says the process
// died is kCrashed, a file that cannot be read kNotDone, any other kFailed.
ModelVerdict VerdictOfCode(std::string_view code);

// Whether a finding fails its model where no policy says otherwise: proved divergences, and errors
// of the validator's own checks. A waived finding never does.
bool FailsByDefault(const Finding& finding);

// A failure of ours as a finding about one model of several, so that the others can go on. Uses
// the status' own catalogue code, or the general one of its kind. REQUIRES: !status.ok().
Finding FindingFromStatus(const Status& status);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_MODEL_VERDICT_H_
