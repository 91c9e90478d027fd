#include "validator/session/localise.h"

#include <algorithm>
#include <string>

#include "validator/base/strings.h"
#include "validator/report/number_text.h"
#include "validator/session/report_parts.h"

namespace torchassay {
namespace {

std::string ErrorsOf(const SubmoduleResult& submodule) {
  for (const OutputResult& output : submodule.outputs) {
    if (output.comparison && output.comparison->mismatched > 0) {
      return ShareText(output.comparison->mismatched, output.comparison->compared, "elements") +
             ", largest error " + ErrorText(output.comparison->max_abs_error);
    }
  }
  return "another dtype, shape or structure";
}

std::string NameOf(const SubmoduleResult& submodule) {
  if (submodule.path.empty()) return "the model itself, after all its submodules agree";
  return Quote(submodule.path) + " (" + submodule.type + ")";
}

void Describe(const JobResult& result, ModelReport& model) {
  if (!result.first_difference) {
    model.facts.push_back({"starts at", "no recorded submodule differs"});
    return;
  }
  const SubmoduleResult& first = result.submodules[*result.first_difference];
  model.error_starts_at = first.path;
  model.facts.push_back({"starts at", NameOf(first) + ": " + ErrorsOf(first)});
  if (*result.first_difference > 0) {
    const SubmoduleResult& last_good = result.submodules[*result.first_difference - 1];
    model.facts.push_back({"agrees until", NameOf(last_good)});
  }
}

}  // namespace

void Localise(const Job& job, Runner& runner, ModelReport& model, Report& report) {
  const auto failed = std::find_if(model.cases.begin(), model.cases.end(),
                                   [](const CaseReport& one) { return !one.passed && !one.outputs.empty(); });
  if (failed == model.cases.end()) return;
  Job localise = job;
  localise.kind = JobKind::kLocalise;
  localise.case_name = failed->name;
  Result<JobResult> result = runner.Run(localise);
  if (!result.ok()) {
    AddFinding(report, model.name, FindingFromStatus(result.status()));
    return;
  }
  for (Finding& finding : result->findings) AddFinding(report, model.name, std::move(finding));
  if (!result->submodules.empty()) Describe(*result, model);
}

}  // namespace torchassay
