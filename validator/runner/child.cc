#include "validator/runner/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <utility>

#include "validator/base/machine.h"
#include "validator/wire/frame.h"
#include "validator/wire/job_json.h"

namespace torchassay {
namespace {

// Thread stacks and bookkeeping that a job needs beside its tensors.
constexpr std::int64_t kMemorySlack = std::int64_t{256} << 20;

void Limit(int resource, rlim_t value) {
  const rlimit limit{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// A CUDA device reserves address space far beyond any limit, so there only the resident size is watched.
void LimitMemory(const Job& job) {
  if (job.memory_bytes <= 0 || job.device.starts_with("cuda")) return;
  Limit(RLIMIT_DATA, static_cast<rlim_t>(DataBytes() + job.memory_bytes + kMemorySlack));
}

#if defined(__x86_64__)
std::uintptr_t StackPointer(const ucontext_t* context) {
  return static_cast<std::uintptr_t>(context->uc_mcontext.gregs[REG_RSP]);
}
#elif defined(__aarch64__)
std::uintptr_t StackPointer(const ucontext_t* context) { return context->uc_mcontext.sp; }
#else
std::uintptr_t StackPointer(const ucontext_t*) { return 0; }
#endif

// Says so where a fault lies beside the stack pointer, then lets the signal do its work.
void OnFault(int number, siginfo_t* info, void* context) {
  constexpr std::uintptr_t kNear = 1 << 16;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const std::uintptr_t stack = StackPointer(static_cast<const ucontext_t*>(context));
  if (address + kNear > stack && address < stack + kNear) {
    static const char kWords[] = "\nstack overflow\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kWords, sizeof kWords - 1);
  }
  signal(number, SIG_DFL);
  raise(number);
}

// The handler needs a stack of its own: the ordinary one may be what is full.
void WatchFaults() {
  static char stack[1 << 16];
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  sigaltstack(&alternative, nullptr);
  struct sigaction action{};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);
}

// Nothing to read, both outputs into the pipe, and none of the runner's other files: a process that the model starts
// would keep its socket open.
void KeepOnly(const ChildPipes& pipes) {
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  dup2(pipes.errors, STDOUT_FILENO);
  dup2(pipes.errors, STDERR_FILENO);
  const auto kept = static_cast<unsigned>(pipes.results);
  if (kept > 3) close_range(3, kept - 1, 0);
  close_range(kept + 1, ~0U, 0);
}

// Dies with the runner, reads no terminal, writes no core file, and leaves no handler of the runner's.
void Isolate(const ChildPipes& pipes) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != pipes.runner) _exit(1);
  KeepOnly(pipes);
  Limit(RLIMIT_CORE, 0);
  // Where memory runs out, the model goes and not the runner.
  std::ofstream("/proc/self/oom_score_adj") << 1000;
  for (const int number : {SIGTERM, SIGINT, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  WatchFaults();
}

void Send(int descriptor, const ChildMessage& message) {
  if (!WriteFrame(descriptor, EncodeChildMessage(message)).ok()) _exit(1);
}

class PipeProgress final : public Progress {
 public:
  explicit PipeProgress(int descriptor) : descriptor_(descriptor) {}

  void BeginCase(const std::string& name) override { Send(descriptor_, {ChildMessage::Kind::kBeginCase, name, {}}); }
  void FinishCase(const CaseResult& result) override {
    ChildMessage message{ChildMessage::Kind::kFinishCase, result.name, {}};
    message.result.cases.push_back(result);
    Send(descriptor_, message);
  }

 private:
  int descriptor_;
};

}  // namespace

std::string EncodeChildMessage(const ChildMessage& message) {
  return DumpJson({{"kind", static_cast<int>(message.kind)},
                   {"case", message.case_name},
                   {"result", EncodeJobResult(message.result)}});
}

Result<ChildMessage> DecodeChildMessage(std::string_view frame) {
  Result<JsonDocument> document = JsonDocument::Parse(std::string(frame), "answer");
  if (!document.ok()) return document.status();
  const JsonNode root = document->root();
  ChildMessage message{static_cast<ChildMessage::Kind>(root.Required("kind").Integer()), root.Required("case").String(),
                       DecodeJobResult(root.Required("result"))};
  if (Status status = document->status(); !status.ok()) return status;
  return message;
}

void RunChild(const Job& job, const ChildPipes& pipes, const JobFunction& function) {
  Isolate(pipes);
  LimitMemory(job);
  PipeProgress progress(pipes.results);
  ChildMessage answer{ChildMessage::Kind::kResult, "", function(job, progress)};
  answer.result.peak_memory_bytes = PeakResidentBytes();
  Send(pipes.results, answer);
  _exit(0);
}

}  // namespace torchassay
