// What surrounds a job and a result on the wire.

#ifndef VALIDATOR_WIRE_ENVELOPE_H_
#define VALIDATOR_WIRE_ENVELOPE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "validator/base/status.h"
#include "validator/wire/job.h"

namespace torchassay {

// A job on its way to the runner; its answer comes back under the same number.
struct JobEnvelope {
  std::int64_t number = 0;
  int parallel = 1;  // jobs that run at once: each gets its share of cores and memory
  Job job;
};
std::string EncodeEnvelope(const JobEnvelope& envelope);
Result<JobEnvelope> DecodeJobEnvelope(std::string_view frame);

// The number of the runner's first answer, to no job: LibTorch is loaded.
constexpr std::int64_t kReady = -1;

struct ResultEnvelope {
  std::int64_t number = 0;
  JobResult result;
};
std::string EncodeEnvelope(const ResultEnvelope& envelope);
Result<ResultEnvelope> DecodeResultEnvelope(std::string_view frame);

}  // namespace torchassay

#endif  // VALIDATOR_WIRE_ENVELOPE_H_
