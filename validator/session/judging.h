// What a run is judged by beside its references: a policy and a baseline, read from their files.

#ifndef VALIDATOR_SESSION_JUDGING_H_
#define VALIDATOR_SESSION_JUDGING_H_

#include <optional>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/gate/policy.h"
#include "validator/report/report.h"

namespace torchassay {

struct Judging {
  std::optional<Policy> policy;
  std::optional<Report> baseline;
};

// Reads both; "" is none. `model_paths` are what will be judged. Errors: those of reading, of ParsePolicy and of
// ParseReport, and TA607 kUnreadable where a `model` of the policy names several of the models: what was said of one
// would hold for the others as well.
Result<Judging> ReadJudging(const std::string& policy_path, const std::string& baseline_path,
                            const std::vector<std::string>& model_paths);

// A result that `--json` wrote.
Result<Report> ReadResult(const std::string& path);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_JUDGING_H_
