#include "validator/session/judging.h"

#include <set>
#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/gate/model_names.h"
#include "validator/report/json.h"

namespace torchassay {
namespace {

// OK where each name that the policy says is one of these models at most.
Status CheckNames(const Policy& policy, const std::set<std::string>& models) {
  std::set<std::string> names;
  for (const PolicyTolerance& entry : policy.tolerances) names.insert(entry.model);
  for (const Budgets& entry : policy.budgets) names.insert(entry.model);
  for (const Waiver& entry : policy.waivers) names.insert(entry.model);
  for (const std::string& name : names) {
    std::vector<std::string> meant;
    for (const std::string& model : models) {
      if (NamesModel(name, model)) meant.push_back(model);
    }
    if (meant.size() < 2) continue;
    return Status(StatusCode::kUnreadable, "TA607",
                  "the policy " + Quote(policy.name) + " says `model` " + Quote(name) + ", which is " +
                      std::to_string(meant.size()) + " of these models: " + QuoteList(DisplayNames(meant)),
                  "write it with the folder that tells it from the others, or leave `model` out for all");
  }
  return Status();
}

}  // namespace

Result<Judging> ReadJudging(const std::string& policy_path, const std::string& baseline_path,
                            const std::vector<std::string>& model_paths) {
  Judging judging;
  if (!policy_path.empty()) {
    Result<std::string> text = RealFileSystem().Read(policy_path);
    if (!text.ok()) return text.status();
    Result<Policy> policy = ParsePolicy(std::move(*text), BaseName(policy_path));
    if (!policy.ok()) return policy.status();
    std::set<std::string> models;
    for (const std::string& path : model_paths) models.insert(AbsolutePath(path));
    if (Status status = CheckNames(*policy, models); !status.ok()) return status;
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
