// The child's side of a job: its limits, its last words, and the messages that it sends up.

#ifndef VALIDATOR_RUNNER_CHILD_H_
#define VALIDATOR_RUNNER_CHILD_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "validator/wire/job.h"

namespace torchassay {

// How a job tells what it has reached, so that a crash later loses nothing.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void BeginCase(const std::string& name) = 0;
  virtual void FinishCase(const CaseResult& result) = 0;
};

// Does a job and answers; must not throw. Runs in a process of its own.
using JobFunction = std::function<JobResult(const Job&, Progress&)>;

// The three messages of a child, one frame each.
struct ChildMessage {
  enum class Kind { kBeginCase, kFinishCase, kResult };
  Kind kind = Kind::kResult;
  std::string case_name;  // kBeginCase
  JobResult result;       // kResult; kFinishCase: its only case
};
std::string EncodeChildMessage(const ChildMessage& message);
Result<ChildMessage> DecodeChildMessage(std::string_view frame);

struct ChildPipes {
  int results = -1;  // frames
  int errors = -1;   // whatever the model prints
  pid_t runner = 0;  // the process to die with
};

// Limits this process, does the job, sends the answer and leaves without running exit handlers.
[[noreturn]] void RunChild(const Job& job, const ChildPipes& pipes, const JobFunction& function);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_CHILD_H_
