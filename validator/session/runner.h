// Runner: who loads models for the session; a process with LibTorch, or a fake in tests.

#ifndef VALIDATOR_SESSION_RUNNER_H_
#define VALIDATOR_SESSION_RUNNER_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/wire/runner_client.h"

namespace torchassay {

class Runner {
 public:
  virtual ~Runner() = default;

  // Called as soon as jobs are likely to come: LibTorch loads while the caller goes on. What goes wrong here,
  // RunAll says: a file that cannot be read should not be answered with a missing runner.
  virtual void Prepare() = 0;
  // One result per job, in order. A model that crashes is a result, not an error.
  virtual Result<std::vector<JobResult>> RunAll(std::span<const Job> jobs, const RunAllOptions& options) = 0;

  // RunAll of one job.
  Result<JobResult> Run(const Job& job);
};

// The runner executable, started when it is first needed, and again where it dies. No answer is lost with it: the
// jobs that it died over are run again, each alone, and one that the next runner dies over as well has crashed.
// A Status only where no runner comes up.
class ProcessRunner final : public Runner {
 public:
  // `runner_path` may be "": then it is looked for beside `program_path`.
  ProcessRunner(std::string runner_path, std::string program_path)
      : runner_path_(std::move(runner_path)), program_path_(std::move(program_path)) {}

  void Prepare() override;
  Result<std::vector<JobResult>> RunAll(std::span<const Job> jobs, const RunAllOptions& options) override;

 private:
  class Fleet;

  Result<RunnerClient*> Start();

  std::string runner_path_;
  std::string program_path_;
  std::optional<RunnerClient> client_;
};

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_RUNNER_H_
