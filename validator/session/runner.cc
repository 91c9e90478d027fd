#include "validator/session/runner.h"

#include <numeric>
#include <utility>

namespace torchassay {
namespace {

using Indices = std::vector<std::size_t>;

// One runner's share of the jobs: what it left undone, where it died.
struct Attempt {
  Indices died_over;  // given and not answered
  Indices not_begun;
  Status death;
};

JobResult Lost(const Status& death) {
  JobResult result;
  result.outcome = Outcome::kCrashed;
  result.detail = "the runner died twice while it ran this model: " + death.message();
  return result;
}

}  // namespace

Result<JobResult> Runner::Run(const Job& job) {
  Result<std::vector<JobResult>> results = RunAll(std::span(&job, 1), {});
  if (!results.ok()) return results.status();
  return std::move(results->front());
}

// The jobs of one RunAll, on their way through as many runners as they take.
class ProcessRunner::Fleet final {
 public:
  Fleet(ProcessRunner& runner, std::span<const Job> jobs, const RunAllOptions& options)
      : runner_(runner), jobs_(jobs), options_(options), results_(jobs.size()) {}

  Result<std::vector<JobResult>> Run() {
    Indices open(jobs_.size());
    std::iota(open.begin(), open.end(), 0);
    while (!open.empty()) {
      Result<Attempt> attempt = Try(open, options_.parallel);
      if (!attempt.ok()) return attempt.status();
      for (const std::size_t index : attempt->died_over) {
        if (Status status = RunAlone(index); !status.ok()) return status;
      }
      open = std::move(attempt->not_begun);
    }
    return std::move(results_);
  }

 private:
  Result<Attempt> Try(const Indices& chosen, int parallel) {
    Result<RunnerClient*> client = runner_.Start();
    if (!client.ok()) return client.status();
    std::vector<Job> jobs;
    for (const std::size_t index : chosen) jobs.push_back(jobs_[index]);
    RunAllOptions options{.parallel = parallel, .on_result = {}};
    options.on_result = [&](std::size_t i, const JobResult& result) { Accept(chosen[i], result); };
    Result<Answers> answers = (*client)->RunAll(jobs, options);
    if (!answers.ok() || !answers->death.ok()) runner_.client_.reset();
    if (!answers.ok()) return answers.status();
    Attempt attempt{{}, {}, answers->death};
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (!answers->results[i]) (i < answers->begun ? attempt.died_over : attempt.not_begun).push_back(chosen[i]);
    }
    return attempt;
  }

  // A job that was there when a runner died may be innocent of it.
  Status RunAlone(std::size_t index) {
    Result<Attempt> attempt = Try({index}, 1);
    if (!attempt.ok()) return attempt.status();
    if (!attempt->died_over.empty()) Accept(index, Lost(attempt->death));
    return {};
  }

  void Accept(std::size_t index, const JobResult& result) {
    results_[index] = result;
    if (options_.on_result) options_.on_result(index, result);
  }

  ProcessRunner& runner_;
  std::span<const Job> jobs_;
  const RunAllOptions& options_;
  std::vector<JobResult> results_;
};

void ProcessRunner::Prepare() { static_cast<void>(Start()); }

Result<RunnerClient*> ProcessRunner::Start() {
  if (client_) return &*client_;
  if (runner_path_.empty()) {
    Result<std::string> found = FindRunner(program_path_);
    if (!found.ok()) return found.status();
    runner_path_ = *found;
  }
  Result<RunnerClient> client = RunnerClient::Start({.runner_path = runner_path_});
  if (!client.ok()) return client.status();
  client_.emplace(std::move(client).value());
  return &*client_;
}

Result<std::vector<JobResult>> ProcessRunner::RunAll(std::span<const Job> jobs, const RunAllOptions& options) {
  return Fleet(*this, jobs, options).Run();
}

}  // namespace torchassay
