// Execute: does one job in this process and makes a result of whatever happens.

#ifndef VALIDATOR_RUNNER_EXECUTE_H_
#define VALIDATOR_RUNNER_EXECUTE_H_

#include "validator/runner/child.h"
#include "validator/wire/job.h"

namespace torchassay {

// Never throws. What LibTorch or the model throws is a finding; what they do worse ends the process.
JobResult Execute(const Job& job, Progress& progress);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_EXECUTE_H_
