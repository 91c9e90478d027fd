#include "validator/session/judging.h"

#include <utility>

#include "validator/base/file.h"
#include "validator/report/json.h"

namespace torchassay {

Result<Judging> ReadJudging(const std::string& policy_path, const std::string& baseline_path) {
  Judging judging;
  if (!policy_path.empty()) {
    Result<std::string> text = RealFileSystem().Read(policy_path);
    if (!text.ok()) return text.status();
    Result<Policy> policy = ParsePolicy(std::move(*text), BaseName(policy_path));
    if (!policy.ok()) return policy.status();
    judging.policy = std::move(*policy);
  }
  if (!baseline_path.empty()) {
    Result<Report> baseline = ReadResult(baseline_path);
    if (!baseline.ok()) return baseline.status();
    judging.baseline = std::move(*baseline);
  }
  return judging;
}

Result<Report> ReadResult(const std::string& path) {
  Result<std::string> text = RealFileSystem().Read(path);
  if (!text.ok()) return text.status();
  return ParseReport(std::move(*text), BaseName(path));
}

}  // namespace torchassay
