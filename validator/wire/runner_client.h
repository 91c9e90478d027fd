// RunnerClient: starts the runner executable once and has it work through jobs.
//
//   Result<RunnerClient> runner = RunnerClient::Start({.runner_path = path});
//   if (!runner.ok()) return runner.status();
//   Result<std::vector<JobResult>> results = runner->RunAll(jobs, {.parallel = 2});

#ifndef VALIDATOR_WIRE_RUNNER_CLIENT_H_
#define VALIDATOR_WIRE_RUNNER_CLIENT_H_

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/wire/job.h"

namespace torchassay {

struct RunnerOptions {
  std::string runner_path;  // the executable; see FindRunner
  double greeting_s = 120;  // it has to load LibTorch, from a cold disk beside other work at worst
};

struct RunAllOptions {
  int parallel = 1;  // jobs at once
  // Called in the caller's thread as results arrive, in any order; `index` is the job's.
  std::function<void(std::size_t index, const JobResult&)> on_result;
};

// What a runner made of its jobs.
struct Answers {
  std::vector<std::optional<JobResult>> results;  // one for each job, in order; absent where it died before
  std::size_t begun = 0;                          // so many of the jobs, from the first on, it had been given
  Status death;                                   // TA508: how it died; ok where it answered everything
};

// Moved, not copied. Destroying it ends the runner and all its children; so does the death of this
// process, however it dies. SIGPIPE need not be ignored by the caller.
class RunnerClient final {
 public:
  // Returns at once: the runner loads LibTorch (0.2 s) while the caller goes on. kInternal, TA508:
  // there is no such executable or it cannot be started.
  static Result<RunnerClient> Start(const RunnerOptions& options);

  RunnerClient(RunnerClient&& other) noexcept;
  RunnerClient& operator=(RunnerClient&& other) noexcept;
  ~RunnerClient();

  // kInternal, TA508: the runner never came up, or is dead already. A job that crashes is a result, not an error.
  Result<Answers> RunAll(std::span<const Job> jobs, const RunAllOptions& options = {});
  // One job. kInternal, TA508, also where the runner dies over it.
  Result<JobResult> Run(const Job& job);

 private:
  RunnerClient(pid_t pid, int socket, double greeting_s) : pid_(pid), socket_(socket), greeting_s_(greeting_s) {}
  void Stop();
  Status Bury(const Status& reason);

  pid_t pid_ = -1;
  int socket_ = -1;
  double greeting_s_ = 0;
  bool ready_ = false;  // it has said that LibTorch is loaded
};

// The runner's path for a program at `program_path` (argv[0] or /proc/self/exe resolved): beside it,
// or in Bazel's output tree or runfiles. kNotFound, TA508, with the places that were tried.
Result<std::string> FindRunner(const std::string& program_path);

}  // namespace torchassay

#endif  // VALIDATOR_WIRE_RUNNER_CLIENT_H_
