#include "validator/session/runner.h"

#include <utility>

namespace torchassay {

Result<JobResult> Runner::Run(const Job& job) {
  Result<std::vector<JobResult>> results = RunAll(std::span(&job, 1), {});
  if (!results.ok()) return results.status();
  return std::move(results->front());
}

void ProcessRunner::Prepare() { static_cast<void>(Start()); }

Status ProcessRunner::Start() {
  if (client_) return Status();
  if (runner_path_.empty()) {
    Result<std::string> found = FindRunner(program_path_);
    if (!found.ok()) return found.status();
    runner_path_ = *found;
  }
  Result<RunnerClient> client = RunnerClient::Start({.runner_path = runner_path_});
  if (!client.ok()) return client.status();
  client_.emplace(std::move(client).value());
  return Status();
}

Result<std::vector<JobResult>> ProcessRunner::RunAll(std::span<const Job> jobs, const RunAllOptions& options) {
  if (Status status = Start(); !status.ok()) return status;
  return client_->RunAll(jobs, options);
}

}  // namespace torchassay
