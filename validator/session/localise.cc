#include "validator/session/localise.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "validator/base/strings.h"
#include "validator/report/number_text.h"
#include "validator/session/report_parts.h"

namespace torchassay {
namespace {

// As many are named as a reader looks at.
constexpr std::size_t kUncomparedShown = 5;

std::string ErrorsOf(const SubmoduleResult& submodule) {
  if (!submodule.note.empty()) return submodule.note;
  for (const OutputResult& output : submodule.outputs) {
    if (output.comparison && output.comparison->mismatched > 0) {
      const std::string where = output.path == "output" ? "" : "`" + output.path + "`, ";
      return where + ShareText(output.comparison->mismatched, output.comparison->compared, "elements") +
             ", largest error " + ErrorText(output.comparison->max_abs_error);
    }
  }
  for (const OutputResult& output : submodule.outputs) {
    if (!output.findings.empty()) return output.findings.front().message;
  }
  return "another structure";
}

std::string NameOf(const SubmoduleResult& submodule) {
  std::string text = Quote(submodule.path);
  if (!submodule.type.empty()) text += " (" + submodule.type + ")";
  return submodule.call == 0 ? text : text + ", call " + std::to_string(submodule.call + 1);
}

// Of several calls of a submodule the first that differs counts, else the last.
void AddError(const SubmoduleResult& submodule, ModelReport& model) {
  const auto module = std::find_if(model.modules.begin(), model.modules.end(),
                                   [&](const ModuleReport& m) { return m.path == submodule.path; });
  if (module == model.modules.end() || (module->error && module->error->differs)) return;
  module->error = ModuleError{.differs = submodule.differs};
  for (const OutputResult& output : submodule.outputs) {
    if (!output.comparison) continue;
    module->error->compared += output.comparison->compared;
    module->error->mismatched += output.comparison->mismatched;
    module->error->max_abs_error = std::fmax(module->error->max_abs_error, output.comparison->max_abs_error);
  }
}

void DescribeUncompared(const std::vector<std::string>& uncompared, ModelReport& model) {
  for (std::size_t i = 0; i < std::min(uncompared.size(), kUncomparedShown); ++i) {
    model.facts.push_back({"not compared", uncompared[i]});
  }
  if (uncompared.size() <= kUncomparedShown) return;
  model.facts.push_back({"not compared", "and " + std::to_string(uncompared.size() - kUncomparedShown) + " more"});
}

void Describe(const JobResult& result, ModelReport& model) {
  for (const SubmoduleResult& submodule : result.submodules) AddError(submodule, model);
  if (result.first_difference) {
    const SubmoduleResult& first = result.submodules[*result.first_difference];
    model.error_starts_at = first.path;
    model.facts.push_back({"starts at", NameOf(first) + ": " + ErrorsOf(first)});
    if (*result.first_difference > 0) {
      model.facts.push_back({"agrees until", NameOf(result.submodules[*result.first_difference - 1])});
    }
  } else if (result.submodules.empty()) {
    model.facts.push_back({"starts at", "no submodule: the model calls none that could be compared"});
  } else {
    model.facts.push_back({"starts at", "no submodule: " + CountText(std::ssize(result.submodules), "call") +
                                            " compared and equal, so the model's own code makes the difference"});
  }
  DescribeUncompared(result.uncompared, model);
}

}  // namespace

void Localise(const Job& job, const std::string& against, Runner& runner, ModelReport& model, Report& report) {
  const auto failed = std::find_if(model.cases.begin(), model.cases.end(),
                                   [](const CaseReport& one) { return !one.passed && !one.outputs.empty(); });
  if (failed == model.cases.end()) return;
  Job localise = job;
  localise.kind = JobKind::kLocalise;
  localise.case_name = failed->name;
  localise.other_model_path = against;
  Result<JobResult> result = runner.Run(localise);
  if (!result.ok()) {
    Finding finding = FindingFromStatus(result.status());
    finding.severity = Severity::kNote;
    AddFinding(report, model.name, std::move(finding));
    return;
  }
  // What keeps the place from being found says nothing new about the model.
  for (Finding& finding : FindingsOf(*result)) {
    finding.severity = Severity::kNote;
    AddFinding(report, model.name, std::move(finding));
  }
  if (result->outcome == Outcome::kFinished) Describe(*result, model);
}

}  // namespace torchassay
