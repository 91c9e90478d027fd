// The one mapping from what came of a command to its exit status.

#ifndef VALIDATOR_CLI_EXIT_CODE_H_
#define VALIDATOR_CLI_EXIT_CODE_H_

#include "validator/base/status.h"
#include "validator/report/model_verdict.h"

namespace torchassay {

// The same for every command; docs/cli/index.md promises them.
enum ExitCode : int {
  kExitPassed = 0,
  kExitFailed = 1,   // mismatch, proved divergence, refused input
  kExitNotDone = 2,  // unreadable or stale file, missing device, …
  kExitNothingChecked = 3,
  kExitUsage = 4,
  kExitCrashed = 5,  // the model crashed, hung or passed its memory limit
};

inline ExitCode ExitCodeOf(ModelVerdict verdict) {
  switch (verdict) {
    case ModelVerdict::kPassed: return kExitPassed;
    case ModelVerdict::kFailed: return kExitFailed;
    case ModelVerdict::kNotDone: return kExitNotDone;
    case ModelVerdict::kNothingChecked: return kExitNothingChecked;
    case ModelVerdict::kCrashed: return kExitCrashed;
  }
  return kExitNotDone;
}

inline ExitCode ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk: return kExitPassed;
    case StatusCode::kUsage: return kExitUsage;
    case StatusCode::kCrashed: return kExitCrashed;
    case StatusCode::kNotFound:
    case StatusCode::kUnreadable:
    case StatusCode::kUnsupported:
    case StatusCode::kRefused:
    case StatusCode::kInternal: return kExitNotDone;
  }
  return kExitNotDone;
}

}  // namespace torchassay

#endif  // VALIDATOR_CLI_EXIT_CODE_H_
