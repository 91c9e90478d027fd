#include "validator/runner/threads.h"

#include <ATen/Parallel.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "validator/base/machine.h"
#include "validator/base/strings.h"
#include "validator/runner/verdict.h"

namespace torchassay {
namespace {

constexpr char kPoolName[] = "assay-pool";
constexpr char kModelName[] = "assay-model";
// LibTorch's workers spin for a while after their last task. What still runs when it has used so much processor time is
// none of them; on a machine that has little to spare that takes longer than by the clock. Looked at ever more seldom.
constexpr double kSpinSeconds = 0.25;
constexpr auto kFirstLook = std::chrono::milliseconds(1);
constexpr auto kLongestPause = std::chrono::milliseconds(128);
constexpr auto kLongestWait = std::chrono::seconds(10);

std::string NameOf(pid_t thread) {
  std::ifstream stream("/proc/self/task/" + std::to_string(thread) + "/comm");
  std::string name;
  std::getline(stream, name);
  return name;
}

// Threads that the model, or an operator of its, started.
std::set<pid_t> ForeignThreads() {
  std::set<pid_t> foreign;
  for (const pid_t thread : Threads()) {
    if (thread != gettid() && NameOf(thread) == kModelName) foreign.insert(thread);
  }
  return foreign;
}

// How a thread is followed over several looks.
struct Worker {
  double start;         // its processor time when it was first seen, seconds
  double used = 0;      // what it has used since
  bool asleep = false;  // at the last look
  bool idle = false;    // at the last two looks, and between them it used nothing
};

// One look that finds a thread asleep says little: one at work may wait for a page or a lock of the allocator.
void LookAt(pid_t thread, Worker& worker) {
  const double used = CpuSeconds(thread) - worker.start;
  const bool asleep = IsAsleep(thread);
  worker.idle = asleep && worker.asleep && used == worker.used;
  worker.used = used;
  worker.asleep = asleep;
}

// Threads that go on working although nothing is asked of them, LibTorch's included: a forked task never awaited.
std::set<pid_t> BusyThreads() {
  std::map<pid_t, Worker> workers;
  const auto is_settled = [](const auto& entry) { return entry.second.idle || entry.second.used >= kSpinSeconds; };
  const auto start = std::chrono::steady_clock::now();
  for (auto pause = kFirstLook;; pause = std::min(2 * pause, kLongestPause)) {
    for (const pid_t thread : Threads()) {
      if (thread == gettid()) continue;
      const auto [entry, is_new] = workers.try_emplace(thread, Worker{.start = CpuSeconds(thread)});
      LookAt(thread, entry->second);
    }
    if (std::ranges::all_of(workers, is_settled) || std::chrono::steady_clock::now() - start > kLongestWait) break;
    std::this_thread::sleep_for(pause);
  }
  std::set<pid_t> busy;
  for (const auto& [thread, worker] : workers) {
    if (!worker.idle && worker.used >= kSpinSeconds) busy.insert(thread);
  }
  return busy;
}

}  // namespace

void NameThreads(int threads) {
  prctl(PR_SET_NAME, kPoolName);
  at::parallel_for(0, threads, 1, [](std::int64_t, std::int64_t) {});
  prctl(PR_SET_NAME, kModelName);
}

std::optional<Finding> FindThreadsLeft(const Job& job) {
  // Without operators of others only LibTorch can start threads, and those that sleep are its own.
  std::set<pid_t> left = job.libraries.empty() ? std::set<pid_t>() : ForeignThreads();
  const std::set<pid_t> busy = BusyThreads();
  left.insert(busy.begin(), busy.end());
  if (left.empty()) return std::nullopt;
  Finding finding =
      ExecutionFinding(job, "TA507",
                       "the model returned and left " + CountText(static_cast<std::int64_t>(left.size()), "thread") +
                           (busy.empty() ? " behind" : " at work"));
  if (busy.empty()) finding.severity = Severity::kWarning;
  finding.help = "wait for every task that the model starts before it returns";
  return finding;
}

}  // namespace torchassay
