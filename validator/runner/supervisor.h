// Supervisor: one forked child per job, its deadline and its memory watched, its death explained.

#ifndef VALIDATOR_RUNNER_SUPERVISOR_H_
#define VALIDATOR_RUNNER_SUPERVISOR_H_

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/runner/child.h"
#include "validator/wire/job.h"

namespace torchassay {

// A job whose child is gone, with what it answered or why it did not.
struct FinishedJob {
  std::int64_t number = 0;
  JobResult result;
};

// Not thread-safe: fork() wants a process with one thread. Destroying it kills all children.
class Supervisor final {
 public:
  explicit Supervisor(JobFunction function);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Forks a child for the job. kInternal: it cannot.
  Status Start(std::int64_t number, const Job& job);
  bool idle() const { return running_.empty(); }
  // What to poll() for, to learn soon that children have something to say.
  std::vector<pollfd> Descriptors() const;
  // Reads what the children have to say, ends those beyond a limit, and hands out those that are gone.
  // Call it every few milliseconds while not idle.
  std::vector<FinishedJob> Tend();
  void KillAll();

 private:
  struct Running;

  JobFunction function_;
  std::list<std::unique_ptr<Running>> running_;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_SUPERVISOR_H_
