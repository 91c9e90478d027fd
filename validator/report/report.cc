#include "validator/report/report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "validator/base/file.h"

namespace torchassay {
namespace {

std::vector<std::string> Components(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (!component.empty() && component != ".") components.emplace_back(component);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return components;
}

// The last `count` components of a path, joined.
std::string Tail(const std::vector<std::string>& components, std::size_t count) {
  std::string tail;
  for (std::size_t i = components.size() - std::min(count, components.size()); i < components.size(); ++i) {
    if (!tail.empty()) tail += '/';
    tail += components[i];
  }
  return tail;
}

}  // namespace

std::string CallSuffix(const std::string& output) {
  const std::size_t at = std::min(output.rfind(" (call "), output.rfind(" (repeat "));
  return at != std::string::npos && output.ends_with(')') ? output.substr(at) : "";
}

ModelVerdict VerdictOfFindings(const Report& report, const std::optional<std::string>& model) {
  ModelVerdict verdict = ModelVerdict::kPassed;
  for (const ReportedFinding& reported : report.findings) {
    if (!reported.fails || (model && reported.model != *model)) continue;
    verdict = Worse(verdict, VerdictOfCode(reported.finding.code));
  }
  return verdict;
}

void Judge(Report& report) {
  report.verdict = VerdictOfFindings(report, "");
  if (report.models.empty()) report.verdict = Worse(report.verdict, ModelVerdict::kNothingChecked);
  for (ModelReport& model : report.models) {
    model.verdict = VerdictOfFindings(report, model.name);
    report.verdict = Worse(report.verdict, model.verdict);
  }
}

std::vector<const ReportedFinding*> FindingsOf(const Report& report, const std::string& model) {
  std::vector<const ReportedFinding*> findings;
  for (const ReportedFinding& reported : report.findings) {
    if (reported.model == model) findings.push_back(&reported);
  }
  return findings;
}

Totals TotalsOf(const ModelReport& model) {
  Totals totals;
  for (const CaseReport& one : model.cases) {
    ++totals.cases;
    if (!one.passed) ++totals.failed_cases;
    for (const OutputReport& output : one.outputs) {
      ++totals.outputs;
      if (!output.passed) ++totals.failed_outputs;
      if (!output.comparison) continue;
      totals.elements += output.comparison->compared;
      totals.max_abs_error = std::fmax(totals.max_abs_error, output.comparison->max_abs_error);
    }
  }
  return totals;
}

std::vector<std::string> DisplayNames(const std::vector<std::string>& paths) {
  std::vector<std::vector<std::string>> components;
  std::size_t longest = 1;
  for (const std::string& path : paths) {
    components.push_back(Components(AbsolutePath(path)));
    longest = std::max(longest, components.back().size());
  }
  std::vector<std::size_t> counts(paths.size(), 1);
  for (std::size_t round = 1; round < longest; ++round) {
    // The same path twice is one file: only different ones are told apart.
    std::map<std::string, std::set<std::vector<std::string>>> uses;
    for (std::size_t i = 0; i < paths.size(); ++i) uses[Tail(components[i], counts[i])].insert(components[i]);
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (uses[Tail(components[i], counts[i])].size() > 1) ++counts[i];
    }
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < paths.size(); ++i) names.push_back(Tail(components[i], counts[i]));
  return names;
}

}  // namespace torchassay
