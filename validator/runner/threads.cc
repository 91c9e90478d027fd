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

#include "validator/base/strings.h"
#include "validator/runner/machine.h"
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

// Threads that go on working although nothing is asked of them, LibTorch's included: a forked task never awaited.
std::set<pid_t> BusyThreads() {
  std::map<pid_t, double> since;  // the processor time of each that has been at work ever since
  for (const pid_t thread : Threads()) {
    if (thread != gettid()) since.emplace(thread, CpuSeconds(thread));
  }
  const auto has_worked = [](const auto& thread) { return CpuSeconds(thread.first) - thread.second >= kSpinSeconds; };
  const auto start = std::chrono::steady_clock::now();
  auto pause = kFirstLook;
  while (std::chrono::steady_clock::now() - start < kLongestWait) {
    std::erase_if(since, [](const auto& thread) { return !IsBusy(thread.first); });
    if (std::ranges::all_of(since, has_worked)) break;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
  std::set<pid_t> busy;
  for (const auto& thread : since) {
    if (has_worked(thread)) busy.insert(thread.first);
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
