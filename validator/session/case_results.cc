#include "validator/session/case_results.h"

#include <algorithm>
#include <set>
#include <variant>

#include "validator/base/strings.h"
#include "validator/compare/compare_values.h"
#include "validator/session/report_parts.h"
#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

bool HasError(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), FailsByDefault);
}

class Collector final {
 public:
  Collector(ModelReport& model, Report& report) : model_(model), report_(report) {}

  void AddCase(const CaseResult& result, const std::string& kind) {
    CaseReport one{result.name, kind, !HasError(result.findings), {}};
    AddFindings(result.findings, result.name, "");
    for (const OutputResult& output : result.outputs) {
      const bool passed = !HasError(output.findings);
      one.passed = one.passed && passed;
      one.outputs.push_back({output.path, passed, output.comparison});
      AddFindings(output.findings, result.name, output.path);
    }
    model_.cases.push_back(std::move(one));
    model_.measured.case_ms.emplace_back(result.name, result.duration_ms);
  }

  void AddMissing(const Case& one, bool ended_early) {
    model_.cases.push_back({one.name, CaseKindName(one.kind), false, {}});
    if (ended_early) return;
    Finding finding;
    finding.code = "TA411";
    finding.message = "case " + Quote(one.name) + " was not run";
    AddFindings({finding}, one.name, "");
  }

  void AddFindings(const std::vector<Finding>& findings, const std::string& case_name, const std::string& output) {
    for (const Finding& finding : findings) {
      AddFinding(report_, model_.name, finding);
      ReportedFinding& reported = report_.findings.back();
      reported.case_name = case_name;
      reported.output = output;
      // The report's own names tell two bundles of the same file name apart.
      if (!case_name.empty()) reported.finding.subject.clear();
    }
  }

 private:
  ModelReport& model_;
  Report& report_;
};

bool AnythingCompared(const JobResult& result) {
  return std::any_of(result.cases.begin(), result.cases.end(), [](const CaseResult& one) { return one.compared > 0; });
}

// Cases that the manifest does not know: an answer to another question.
void AddUnknownCases(const JobResult& result, const Manifest& manifest, Collector& collector) {
  for (const CaseResult& answered : result.cases) {
    const bool known = std::any_of(manifest.cases.begin(), manifest.cases.end(),
                                   [&](const Case& one) { return one.name == answered.name; });
    if (known) continue;
    Finding finding;
    finding.code = "TA411";
    finding.message = "case " + Quote(answered.name) + " was run, but the manifest does not hold it";
    collector.AddFindings({finding}, "", "");
  }
}

bool Reports(const std::vector<ReportedFinding>& findings, const std::string& model) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const ReportedFinding& r) { return r.model == model && r.fails; });
}

}  // namespace

bool AddCaseResults(const JobResult& result, const Manifest& manifest, ModelReport& model, Report& report) {
  Collector collector(model, report);
  collector.AddFindings(result.findings, "", "");
  collector.AddFindings(FindingsOfOutcome(result), "", "");
  const bool ended_early = result.outcome != Outcome::kFinished;
  for (const Case& one : manifest.cases) {
    const auto found =
        std::find_if(result.cases.begin(), result.cases.end(), [&](const CaseResult& r) { return r.name == one.name; });
    if (found != result.cases.end()) {
      collector.AddCase(*found, CaseKindName(one.kind));
    } else {
      collector.AddMissing(one, ended_early);
    }
  }
  AddUnknownCases(result, manifest, collector);
  const bool compared = AnythingCompared(result);
  if (!compared && !Reports(report.findings, model.name)) {
    Finding finding = NothingCompared(model.name);
    finding.message = "no case of " + Quote(model.name) + " says anything about the model: nothing was checked";
    collector.AddFindings({finding}, "", "");
  }
  if (result.load_ms > 0) model.measured.load_ms = result.load_ms;
  if (result.peak_memory_bytes > 0) model.measured.peak_bytes = result.peak_memory_bytes;
  return compared;
}

std::vector<std::pair<std::string, DType>> OutputTypes(const Manifest& manifest) {
  std::set<std::pair<std::string, DType>> types;
  for (const Case& one : manifest.cases) {
    for (const CaseCall& call : one.calls) {
      const Value* expected = std::get_if<Value>(&call.expects);
      if (expected == nullptr) continue;
      for (const auto& [path, leaf] : Leaves(*expected, "output")) {
        const Value& value = *leaf;
        if (const auto* tensor = std::get_if<TensorRef>(&value.content)) types.insert({path, tensor->dtype});
        if (std::holds_alternative<double>(value.content)) types.insert({path, DType::kF64});
      }
    }
  }
  return {types.begin(), types.end()};
}

}  // namespace torchassay
