#include "validator/wire/runner_client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "validator/base/strings.h"
#include "validator/wire/envelope.h"
#include "validator/wire/frame.h"

namespace torchassay {
namespace {

constexpr const char* kRunnerName = "torchassay-runner";

Status Unavailable(const std::string& message, const std::string& help = {}) {
  return Status(StatusCode::kInternal, "TA508", message, help);
}

// In the child: becomes the runner, or leaves without running any handler of the parent's.
[[noreturn]] void BecomeRunner(const std::string& path, int socket) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const std::string descriptor = std::to_string(socket);
  fcntl(socket, F_SETFD, 0);
  execl(path.c_str(), path.c_str(), "--socket", descriptor.c_str(), static_cast<char*>(nullptr));
  _exit(127);
}

std::string DeathText(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    return std::string("was stopped by a signal (") + strsignal(WTERMSIG(wait_status)) + ")";
  }
  return "ended with exit code " + std::to_string(WEXITSTATUS(wait_status));
}

// Asks a runner to end, which takes its children with it, and makes it where it does not. Its wait status.
std::optional<int> EndRunner(pid_t pid) {
  constexpr int kGraceful = 5000;  // looks, one in a millisecond
  kill(pid, SIGTERM);
  int status = 0;
  for (int i = 0; i < kGraceful; ++i) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) return std::nullopt;
    usleep(1000);
  }
  kill(pid, SIGKILL);
  return waitpid(pid, &status, 0) == pid ? std::optional(status) : std::nullopt;
}

// Keeps the runner busy with `parallel` jobs at a time, so that neither side ever fills the socket.
class Dispatcher {
 public:
  Dispatcher(int socket, std::span<const Job> jobs, const RunAllOptions& options, double greeting_s, bool& ready)
      : socket_(socket), jobs_(jobs), options_(options), greeting_s_(greeting_s), ready_(ready), results_(jobs.size()),
        parallel_(std::clamp(options.parallel, 1, std::max(1, static_cast<int>(jobs.size())))) {}

  Answers Run() {
    while (next_ < jobs_.size() && next_ < static_cast<std::size_t>(parallel_)) SendNext();
    Status death;
    while (done_ < jobs_.size() && death.ok()) death = ReceiveOne();
    return {std::move(results_), next_, std::move(death)};
  }

 private:
  // What a dying runner has answered is still to be read, so that only the end of its answers ends the run.
  void SendNext() {
    const JobEnvelope envelope{static_cast<std::int64_t>(next_), parallel_, jobs_[next_]};
    ++next_;
    if (!WriteFrame(socket_, EncodeEnvelope(envelope)).ok()) shutdown(socket_, SHUT_WR);
  }

  // Whether something comes, or the end, while a runner may take to greet.
  bool IsReadable() const {
    pollfd readable = {socket_, POLLIN, 0};
    int ready = 0;
    do ready = poll(&readable, 1, static_cast<int>(1000 * greeting_s_));
    while (ready < 0 && errno == EINTR);
    return ready != 0;
  }

  Status ReceiveOne() {
    std::optional<std::string> frame = reader_.Next();
    while (!frame) {
      if (reader_.state() == FrameReader::State::kGarbage) return Unavailable("the runner answered with garbage");
      if (!ready_ && !IsReadable()) {
        return Unavailable("the runner has not answered within " + NumberText(greeting_s_) + " s");
      }
      if (reader_.ReadSome(socket_) == FrameReader::State::kClosed) {
        return Unavailable("the runner closed its connection");
      }
      frame = reader_.Next();
    }
    Result<ResultEnvelope> envelope = DecodeResultEnvelope(*frame);
    if (!envelope.ok()) return Unavailable("the runner's answer cannot be read: " + envelope.status().message());
    return Accept(*std::move(envelope));
  }

  Status Accept(ResultEnvelope envelope) {
    const auto index = static_cast<std::size_t>(envelope.number);
    if (envelope.number == kReady && !ready_) {
      ready_ = true;
      return {};
    }
    if (envelope.number < 0 || index >= next_ || results_[index]) {
      return Unavailable("the runner answered a job that it was not given");
    }
    results_[index] = std::move(envelope.result);
    ++done_;
    if (options_.on_result) options_.on_result(index, *results_[index]);
    if (next_ < jobs_.size()) SendNext();
    return {};
  }

  int socket_;
  std::span<const Job> jobs_;
  const RunAllOptions& options_;
  const double greeting_s_;
  bool& ready_;
  std::vector<std::optional<JobResult>> results_;
  const int parallel_;  // jobs at a time, which is also among how many memory is shared
  FrameReader reader_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
};

bool IsExecutable(const std::string& path) { return access(path.c_str(), X_OK) == 0; }

}  // namespace

Result<RunnerClient> RunnerClient::Start(const RunnerOptions& options) {
  if (!IsExecutable(options.runner_path)) {
    return Unavailable("no runner at " + Quote(options.runner_path) + ": " + std::strerror(errno));
  }
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return Unavailable(std::string("cannot connect to the runner: ") + std::strerror(errno));
  }
  const pid_t pid = fork();
  if (pid == 0) BecomeRunner(options.runner_path, sockets[1]);
  close(sockets[1]);
  if (pid < 0) {
    close(sockets[0]);
    return Unavailable(std::string("cannot start the runner: ") + std::strerror(errno));
  }
  return RunnerClient(pid, sockets[0], options.greeting_s);
}

RunnerClient::RunnerClient(RunnerClient&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::exchange(other.socket_, -1)), greeting_s_(other.greeting_s_),
      ready_(other.ready_) {}

RunnerClient& RunnerClient::operator=(RunnerClient&& other) noexcept {
  if (this != &other) {
    Stop();
    pid_ = std::exchange(other.pid_, -1);
    socket_ = std::exchange(other.socket_, -1);
    greeting_s_ = other.greeting_s_;
    ready_ = other.ready_;
  }
  return *this;
}

RunnerClient::~RunnerClient() { Stop(); }

void RunnerClient::Stop() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
  if (pid_ <= 0) return;
  EndRunner(std::exchange(pid_, -1));
}

// Ends what is left of the runner; the reason, and how the process ended.
Status RunnerClient::Bury(const Status& reason) {
  close(std::exchange(socket_, -1));
  const std::optional<int> status = EndRunner(std::exchange(pid_, -1));
  if (!status) return reason;
  return Unavailable(reason.message() + "; it " + DeathText(*status),
                     "run `" + std::string(kRunnerName) + " --version` to see whether LibTorch can be loaded");
}

Result<Answers> RunnerClient::RunAll(std::span<const Job> jobs, const RunAllOptions& options) {
  if (socket_ < 0) return Unavailable("the runner was stopped");
  Answers answers = Dispatcher(socket_, jobs, options, greeting_s_, ready_).Run();
  if (answers.death.ok()) return answers;
  answers.death = Bury(answers.death);
  if (!ready_) return answers.death;
  return answers;
}

Result<JobResult> RunnerClient::Run(const Job& job) {
  Result<Answers> answers = RunAll(std::span(&job, 1));
  if (!answers.ok()) return answers.status();
  if (!answers->results.front()) return answers->death;
  return *std::move(answers->results.front());
}

Result<std::string> FindRunner(const std::string& program_path) {
  const std::string folder = program_path.substr(0, program_path.find_last_of('/') + 1);
  const std::string tried[] = {folder + kRunnerName, folder + "../runner/" + kRunnerName,
                               program_path + ".runfiles/torchassay/validator/runner/" + kRunnerName,
                               folder + "../libexec/torchassay/" + kRunnerName};
  for (const std::string& path : tried) {
    if (IsExecutable(path)) return path;
  }
  return Status(StatusCode::kNotFound, "TA508",
                "the program's other half, `" + std::string(kRunnerName) + "`, is not there",
                "build it: bazel build //validator/runner:torchassay-runner");
}

}  // namespace torchassay
