// The kinds of job, one function each. They throw what goes wrong; Execute makes results of it.

#ifndef VALIDATOR_RUNNER_JOBS_H_
#define VALIDATOR_RUNNER_JOBS_H_

#include "validator/runner/child.h"
#include "validator/wire/job.h"

namespace torchassay {

JobResult DescribeJob(const Job& job);
JobResult CheckJob(const Job& job);
JobResult RunJob(const Job& job);
JobResult ValidateJob(const Job& job, Progress& progress);
JobResult BenchJob(const Job& job);
JobResult LocaliseJob(const Job& job);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_JOBS_H_
