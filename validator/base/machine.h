// What this machine has to give to jobs.

#ifndef VALIDATOR_BASE_MACHINE_H_
#define VALIDATOR_BASE_MACHINE_H_

#include <sys/types.h>

#include <cstdint>
#include <set>

namespace torchassay {

// Cores that this process may use.
int CoreCount();
// Bytes of memory that can still be had, the control group's limit included.
std::int64_t AvailableMemory();

// Resident bytes of a process; 0 where it is gone.
std::int64_t ResidentBytes(pid_t pid);
// Bytes of private writable memory that this process has mapped, touched or not.
std::int64_t DataBytes();
// The most that this process ever held resident.
std::int64_t PeakResidentBytes();

// The threads of this process.
std::set<pid_t> Threads();
// Whether a thread of this process waits at this moment for an event, or is gone: it neither runs, nor waits for a
// core, nor for a page of memory.
bool IsAsleep(pid_t thread);
// The processor time that a thread of this process has used so far, in seconds; 0 where it is gone.
double CpuSeconds(pid_t thread);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_MACHINE_H_
