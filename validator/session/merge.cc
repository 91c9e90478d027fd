#include "validator/session/merge.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/session/judging.h"
#include "validator/session/report_parts.h"

namespace torchassay {
namespace {

Result<std::vector<Report>> ReadResults(const std::vector<std::string>& paths) {
  std::vector<Report> results;
  for (const std::string& path : paths) {
    Result<Report> result = ReadResult(path);
    if (!result.ok()) return result.status();
    results.push_back(std::move(*result));
  }
  return results;
}

void Rename(Report& result, const std::string& before, const std::string& after) {
  for (ModelReport& model : result.models) {
    if (model.name == before) model.name = after;
  }
  for (ReportedFinding& reported : result.findings) {
    if (reported.model == before) reported.model = after;
  }
}

void MakeNamesUnique(std::vector<Report>& results, const std::vector<std::string>& result_names) {
  std::map<std::string, int> uses;
  for (const Report& result : results) {
    for (const ModelReport& model : result.models) ++uses[model.name];
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (const ModelReport& model : std::vector<ModelReport>(results[i].models)) {
      if (uses[model.name] > 1) Rename(results[i], model.name, result_names[i] + ": " + model.name);
    }
  }
}

// The only model of that name, with the same files, in a result that is no measurement; else absent.
ModelReport* FindValidated(std::vector<Report>& results, const ModelReport& measured) {
  ModelReport* found = nullptr;
  for (Report& result : results) {
    if (result.command != "validate") continue;
    for (ModelReport& model : result.models) {
      if (model.name != measured.name || model.files.empty() || measured.files.empty()) continue;
      if (model.files.front().sha256 != measured.files.front().sha256) continue;
      if (found != nullptr) return nullptr;
      found = &model;
    }
  }
  return found;
}

// Moves what `bench` measured to the model that `validate` checked; the finding's names stay right as they are.
void JoinMeasurements(std::vector<Report>& results) {
  for (Report& result : results) {
    if (result.command != "bench") continue;
    std::erase_if(result.models, [&](ModelReport& measured) {
      ModelReport* validated = FindValidated(results, measured);
      if (validated == nullptr || validated->measured.latency) return false;
      validated->measured.latency = std::move(measured.measured.latency);
      std::move(measured.facts.begin(), measured.facts.end(), std::back_inserter(validated->facts));
      validated->verdict = Worse(validated->verdict, measured.verdict);
      return true;
    });
  }
}

// Whether a failing output or case has no finding: nothing then can have accepted it.
bool FailsUnaccepted(const Report& result, const ModelReport& model, const CaseReport& one) {
  const bool failed = !one.passed || std::ranges::any_of(one.outputs, [](const OutputReport& o) { return !o.passed; });
  return failed && std::ranges::none_of(result.findings, [&](const ReportedFinding& reported) {
           return reported.model == model.name && reported.case_name == one.name;
         });
}

ModelVerdict WorstOf(const Report& result, const ModelReport& model) {
  ModelVerdict worst = model.verdict;
  if (result.command == "validate" && model.cases.empty()) worst = Worse(worst, ModelVerdict::kNothingChecked);
  for (const CaseReport& one : model.cases) {
    if (FailsUnaccepted(result, model, one)) worst = Worse(worst, ModelVerdict::kFailed);
  }
  return worst;
}

// A result is not believed to be better than a part of it.
ModelVerdict WorstOf(const Report& result) {
  ModelVerdict worst = Worse(result.verdict, VerdictOfFindings(result));
  if (result.models.empty()) worst = Worse(worst, ModelVerdict::kNothingChecked);
  for (const ModelReport& model : result.models) worst = Worse(worst, WorstOf(result, model));
  return worst;
}

// What all results agree on; "several" where they differ.
std::string Common(const std::vector<Report>& results, std::string Environment::* member) {
  const std::string& first = results.front().environment.*member;
  const bool agree =
      std::all_of(results.begin(), results.end(), [&](const Report& r) { return r.environment.*member == first; });
  return agree ? first : "several";
}

}  // namespace

Result<Report> MergeResults(const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto is_same = [&](const std::string& other) { return FileStamp(other) == FileStamp(paths[i]); };
    if (!FileStamp(paths[i]).empty() && std::any_of(paths.begin() + i + 1, paths.end(), is_same)) {
      return Status(StatusCode::kUsage, "", Quote(paths[i]) + " is given twice");
    }
  }
  Result<std::vector<Report>> results = ReadResults(paths);
  if (!results.ok()) return results.status();
  ModelVerdict worst = ModelVerdict::kPassed;
  for (const Report& result : *results) worst = Worse(worst, WorstOf(result));
  JoinMeasurements(*results);
  MakeNamesUnique(*results, DisplayNames(paths));
  Report merged = NewReport("report");
  merged.environment = {Common(*results, &Environment::tool_version), Common(*results, &Environment::torch_version),
                        Common(*results, &Environment::platform), Common(*results, &Environment::device)};
  merged.verdict = worst;
  for (Report& result : *results) {
    std::move(result.models.begin(), result.models.end(), std::back_inserter(merged.models));
    std::move(result.findings.begin(), result.findings.end(), std::back_inserter(merged.findings));
  }
  return merged;
}

}  // namespace torchassay
