// What a run is judged by beside its references: a policy and a baseline, read from their files.

#ifndef VALIDATOR_SESSION_JUDGING_H_
#define VALIDATOR_SESSION_JUDGING_H_

#include <optional>
#include <string>

#include "validator/base/status.h"
#include "validator/gate/policy.h"
#include "validator/report/report.h"

namespace torchassay {

struct Judging {
  std::optional<Policy> policy;
  std::optional<Report> baseline;
};

// Reads both; "" is none. Errors: those of reading, of ParsePolicy and of ParseReport.
Result<Judging> ReadJudging(const std::string& policy_path, const std::string& baseline_path);

// A result that `--json` wrote.
Result<Report> ReadResult(const std::string& path);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_JUDGING_H_
