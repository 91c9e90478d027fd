// FakeRunner: answers jobs in this process, as a test says; remembers what it was asked.

#ifndef VALIDATOR_SESSION_FAKE_RUNNER_H_
#define VALIDATOR_SESSION_FAKE_RUNNER_H_

#include <functional>
#include <utility>
#include <vector>

#include "validator/session/runner.h"

namespace torchassay {

class FakeRunner final : public Runner {
 public:
  explicit FakeRunner(std::function<JobResult(const Job&)> answer) : answer_(std::move(answer)) {}

  void Prepare() override { prepared_ = true; }

  Result<std::vector<JobResult>> RunAll(std::span<const Job> jobs, const RunAllOptions& options) override {
    std::vector<JobResult> results;
    for (const Job& job : jobs) {
      asked_.push_back(job);
      results.push_back(answer_(job));
      if (options.on_result) options.on_result(results.size() - 1, results.back());
    }
    if (!broken_.ok()) return broken_;
    return results;
  }

  // From now on it cannot run anything.
  void Break(Status status) { broken_ = std::move(status); }

  bool prepared() const { return prepared_; }
  const std::vector<Job>& asked() const { return asked_; }

 private:
  std::function<JobResult(const Job&)> answer_;
  Status broken_;
  bool prepared_ = false;
  std::vector<Job> asked_;
};

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_FAKE_RUNNER_H_
