#include "validator/runner/server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "validator/base/machine.h"
#include "validator/runner/supervisor.h"
#include "validator/wire/envelope.h"
#include "validator/wire/frame.h"

namespace torchassay {
namespace {

// How often memory and deadlines are looked at while jobs run.
constexpr timespec kTick = {0, 5'000'000};
// What a job without a limit may take of the memory that is there.
constexpr double kMemoryShare = 0.8;

volatile sig_atomic_t stop_requested = 0;

void RequestStop(int) { stop_requested = 1; }

void WakeUp(int) {}

// Lets these signals through only while waiting, so that none is missed in between: those that stop, and the one
// that says that a child is gone.
sigset_t HoldSignals() {
  sigset_t held;
  sigset_t before;
  sigemptyset(&held);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
    signal(number, number == SIGCHLD ? WakeUp : RequestStop);
    sigaddset(&held, number);
  }
  sigprocmask(SIG_BLOCK, &held, &before);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigdelset(&before, number);
  return before;
}

// A job's share of the machine, where it does not say how much it wants.
Job WithShare(Job job, int parallel) {
  const int sharers = std::max(1, parallel);
  if (job.threads <= 0) job.threads = std::max(1, CoreCount() / sharers);
  if (job.memory_bytes <= 0) {
    job.memory_bytes = static_cast<std::int64_t>(kMemoryShare * static_cast<double>(AvailableMemory()) / sharers);
  }
  return job;
}

class Server {
 public:
  Server(int socket, const JobFunction& function, const std::string& torch_version)
      : socket_(socket), supervisor_(function), torch_version_(torch_version) {
    fcntl(socket, F_SETFD, FD_CLOEXEC);
  }

  void Run() {
    const sigset_t waiting = HoldSignals();
    Answer(kReady, {});
    while (!stop_requested && connected_) {
      if (Wait(waiting)) reader_.ReadSome(socket_);
      StartJobs();
      for (FinishedJob& finished : supervisor_.Tend()) Answer(finished.number, std::move(finished.result));
    }
    supervisor_.KillAll();
  }

 private:
  // Sleeps until something happens or a tick is over; whether the socket has something.
  bool Wait(const sigset_t& waiting) {
    std::vector<pollfd> descriptors = supervisor_.Descriptors();
    descriptors.push_back({socket_, POLLIN, 0});
    const int ready = ppoll(descriptors.data(), descriptors.size(), supervisor_.idle() ? nullptr : &kTick, &waiting);
    return ready > 0 && descriptors.back().revents != 0;
  }

  void StartJobs() {
    while (std::optional<std::string> frame = reader_.Next()) {
      Result<JobEnvelope> envelope = DecodeJobEnvelope(*frame);
      if (!envelope.ok()) {
        connected_ = false;
        return;
      }
      Start(*envelope);
    }
    if (reader_.state() != FrameReader::State::kOpen) connected_ = false;
  }

  void Start(const JobEnvelope& envelope) {
    const Status status = supervisor_.Start(envelope.number, WithShare(envelope.job, envelope.parallel));
    if (status.ok()) return;
    JobResult failed;
    failed.outcome = Outcome::kCrashed;
    failed.detail = status.message();
    Answer(envelope.number, std::move(failed));
  }

  void Answer(std::int64_t number, JobResult result) {
    result.torch_version = torch_version_;
    if (!WriteFrame(socket_, EncodeEnvelope(ResultEnvelope{number, std::move(result)})).ok()) connected_ = false;
  }

  int socket_;
  Supervisor supervisor_;
  const std::string torch_version_;
  FrameReader reader_;
  bool connected_ = true;
};

}  // namespace

void Serve(int socket, const JobFunction& function, const std::string& torch_version) {
  Server(socket, function, torch_version).Run();
}

}  // namespace torchassay
