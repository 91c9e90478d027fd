#include "validator/runner/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "validator/base/machine.h"
#include "validator/runner/verdict.h"
#include "validator/wire/frame.h"

namespace torchassay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLastWords = 4096;

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

// Keeps the end of what a child prints; never lets it block on a full pipe.
void Drain(int descriptor, std::string& last_words) {
  char chunk[4096];
  for (int i = 0; i < 64; ++i) {
    const ssize_t got = read(descriptor, chunk, sizeof chunk);
    if (got <= 0) return;
    last_words.append(chunk, static_cast<std::size_t>(got));
    if (last_words.size() > 2 * kLastWords) last_words.erase(0, last_words.size() - kLastWords);
  }
}

bool MakePipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0; }

}  // namespace

struct Supervisor::Running {
  std::int64_t number = 0;
  Job job;
  pid_t pid = -1;
  int results = -1;
  int errors = -1;
  Clock::time_point start = Clock::now();
  FrameReader reader;
  JobResult partial;  // cases that are finished
  std::optional<JobResult> answer;
  Death death;
  bool gone = false;

  ~Running() {
    if (!gone && pid > 0) {
      Kill();
      waitpid(pid, nullptr, 0);
    }
    close(results);
    close(errors);
  }

  // The whole process group: a model may have started processes of its own.
  void Kill() const {
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
  }

  void Accept(ChildMessage message) {
    switch (message.kind) {
      case ChildMessage::Kind::kBeginCase: death.case_name = message.case_name; return;
      case ChildMessage::Kind::kFinishCase:
        for (CaseResult& result : message.result.cases) partial.cases.push_back(std::move(result));
        death.case_name.clear();
        return;
      case ChildMessage::Kind::kResult: answer = std::move(message.result); return;
    }
  }

  void Read() {
    Drain(errors, death.last_words);
    while (reader.state() == FrameReader::State::kOpen) {
      pollfd ready{results, POLLIN, 0};
      if (poll(&ready, 1, 0) <= 0) break;
      reader.ReadSome(results);
    }
    while (std::optional<std::string> frame = reader.Next()) {
      if (Result<ChildMessage> message = DecodeChildMessage(*frame); message.ok()) Accept(*std::move(message));
    }
  }

  void CheckLimits() {
    if (death.ended_by != EndedBy::kItself || answer) return;
    if (job.timeout_s > 0 && Seconds(Clock::now() - start) > job.timeout_s) death.ended_by = EndedBy::kTimeout;
    if (job.memory_bytes > 0 && ResidentBytes(pid) > job.memory_bytes) death.ended_by = EndedBy::kMemoryLimit;
    if (death.ended_by != EndedBy::kItself) Kill();
  }

  // Whether the child is gone; what it sent before that has been read then.
  bool Reap() {
    if (waitpid(pid, &death.wait_status, WNOHANG) != pid) return false;
    gone = true;
    kill(-pid, SIGKILL);
    Read();
    return true;
  }

  JobResult Conclude() {
    JobResult result = answer ? *std::move(answer) : JobResult();
    result.cases = std::move(partial.cases);
    if (!answer.has_value() || death.ended_by != EndedBy::kItself) Explain(job, death, result);
    result.duration_ms = 1000 * Seconds(Clock::now() - start);
    return result;
  }
};

Supervisor::Supervisor(JobFunction function) : function_(std::move(function)) {}

Supervisor::~Supervisor() = default;

Status Supervisor::Start(std::int64_t number, const Job& job) {
  int results[2];
  int errors[2];
  const bool made = MakePipe(results);
  if (!made || !MakePipe(errors)) {
    Status status(StatusCode::kInternal, std::string("cannot make a pipe: ") + std::strerror(errno));
    for (int i = 0; made && i < 2; ++i) close(results[i]);
    return status;
  }
  const pid_t runner = getpid();
  const pid_t pid = fork();
  if (pid == 0) RunChild(job, {results[1], errors[1], runner}, function_);
  close(results[1]);
  close(errors[1]);
  auto running = std::make_unique<Running>();
  running->number = number;
  running->job = job;
  running->pid = pid;
  running->results = results[0];
  running->errors = errors[0];
  if (pid < 0) return Status(StatusCode::kInternal, std::string("cannot fork: ") + std::strerror(errno));
  setpgid(pid, pid);
  running_.push_back(std::move(running));
  return {};
}

std::vector<pollfd> Supervisor::Descriptors() const {
  std::vector<pollfd> descriptors;
  for (const auto& running : running_) {
    if (running->reader.state() == FrameReader::State::kOpen) descriptors.push_back({running->results, POLLIN, 0});
  }
  return descriptors;
}

std::vector<FinishedJob> Supervisor::Tend() {
  std::vector<FinishedJob> finished;
  for (auto it = running_.begin(); it != running_.end();) {
    Running& running = **it;
    running.Read();
    running.CheckLimits();
    if (!running.Reap()) {
      ++it;
      continue;
    }
    finished.push_back({running.number, running.Conclude()});
    it = running_.erase(it);
  }
  return finished;
}

void Supervisor::KillAll() { running_.clear(); }

}  // namespace torchassay
