// Threads that a model leaves behind: how they are told from LibTorch's own.

#ifndef VALIDATOR_RUNNER_THREADS_H_
#define VALIDATOR_RUNNER_THREADS_H_

#include <optional>
#include <string>

#include "validator/base/finding.h"
#include "validator/wire/job.h"

namespace torchassay {

// Starts LibTorch's own threads under a name of theirs. Call it before the model runs: a thread inherits the
// name of the one that starts it.
void NameThreads(int threads);

// TA507 where threads that LibTorch does not keep are there after the model has returned; an error where one
// of them still works, a warning where all sleep.
std::optional<Finding> FindThreadsLeft(const Job& job);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_THREADS_H_
