#include "validator/base/machine.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

namespace torchassay {
namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// The number in kB after `key` in a file such as /proc/meminfo; 0 where there is none.
std::int64_t KilobytesOf(const std::string& file, const std::string& key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(key)) return std::atoll(line.c_str() + key.size());
  }
  return 0;
}

std::int64_t NumberIn(const std::string& file, std::int64_t otherwise) {
  std::ifstream stream(file);
  std::int64_t number = 0;
  return stream >> number ? number : otherwise;
}

std::int64_t ControlGroupMemory() {
  const std::int64_t limit = NumberIn("/sys/fs/cgroup/memory.max", kUnlimited);
  if (limit == kUnlimited) return kUnlimited;
  return std::max<std::int64_t>(0, limit - NumberIn("/sys/fs/cgroup/memory.current", 0));
}

}  // namespace

int CoreCount() {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return std::max(1, CPU_COUNT(&cores));
}

std::int64_t AvailableMemory() {
  return std::min(KilobytesOf("/proc/meminfo", "MemAvailable:") * 1024, ControlGroupMemory());
}

std::int64_t ResidentBytes(pid_t pid) {
  std::ifstream stream("/proc/" + std::to_string(pid) + "/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  return stream >> total >> resident ? resident * sysconf(_SC_PAGESIZE) : 0;
}

std::int64_t DataBytes() { return KilobytesOf("/proc/self/status", "VmData:") * 1024; }

std::int64_t PeakResidentBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

std::set<pid_t> Threads() {
  std::set<pid_t> threads;
  DIR* folder = opendir("/proc/self/task");
  if (folder == nullptr) return threads;
  while (const dirent* entry = readdir(folder)) {
    if (const pid_t thread = std::atoi(entry->d_name)) threads.insert(thread);
  }
  closedir(folder);
  return threads;
}

bool IsAsleep(pid_t thread) {
  std::ifstream stream("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(stream, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= line.size()) return true;
  const char state = line[name_end + 2];
  return state != 'R' && state != 'D';
}

double CpuSeconds(pid_t thread) {
  // As <linux/posix-timers.h> makes the clock of a thread: its number inverted, and what the clock counts.
  constexpr clockid_t kScheduled = 2, kOfThread = 4;
  const auto clock = static_cast<clockid_t>(~static_cast<unsigned>(thread) << 3 | (kScheduled | kOfThread));
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace torchassay
