#include "validator/gate/starter_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "validator/base/json.h"
#include "validator/base/strings.h"
#include "validator/gate/policy.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

std::string Quoted(std::string_view text) { return DumpJson(Json(text)); }

// "key": value, where the value is JSON already.
std::string Member(const std::string& key, const std::string& json) { return Quoted(key) + ": " + json; }

// [ … ] with an entry a line.
std::string Lines(const std::vector<std::string>& entries) {
  if (entries.empty()) return "[]";
  std::string text;
  for (const std::string& entry : entries) text += (text.empty() ? "\n    " : ",\n    ") + entry;
  return "[" + text + "\n  ]";
}

// { … } on one line.
std::string Object(const std::vector<std::string>& members) { return "{" + Join(members, ", ") + "}"; }

// Two significant digits, upwards: a number that a person would have written.
double Rounded(double value) {
  if (!(value > 0)) return 0;
  const double unit = std::pow(10, std::floor(std::log10(value)) - 1);
  return std::ceil(value / unit - 1e-9) * unit;
}

std::string Whole(double value) { return std::to_string(static_cast<std::int64_t>(std::llround(value))); }

std::string Number(double value) { return NumberText(value, 3); }

// What one output was compared with, and how far off it was.
struct OutputFit {
  double rtol = 0;
  double atol = 0;
  double largest_error = 0;
};
using OutputKey = std::pair<std::string, DType>;

// Of the outputs that passed or of those that failed: the latter with what would pass.
std::map<OutputKey, OutputFit> FitOutputs(const Report& report, bool passed) {
  std::map<OutputKey, OutputFit> fits;
  for (const ModelReport& model : report.models) {
    for (const CaseReport& one : model.cases) {
      for (const OutputReport& output : one.outputs) {
        if (!output.comparison || output.comparison->passed != passed) continue;
        const Comparison& comparison = *output.comparison;
        // A tolerance is for all calls.
        const std::string path = output.path.substr(0, output.path.size() - CallSuffix(output.path).size());
        OutputFit& fit = fits[{path, comparison.dtype}];
        fit.rtol = std::max(fit.rtol, comparison.tolerance.rtol);
        fit.atol = std::max({fit.atol, comparison.tolerance.atol,
                             std::strtod(NumberTextRoundedUp(comparison.needed_atol.value_or(0)).c_str(), nullptr)});
        fit.largest_error = std::fmax(fit.largest_error, comparison.max_abs_error);
      }
    }
  }
  return fits;
}

std::vector<std::string> Tolerances(const Report& report, bool passed) {
  std::vector<std::string> entries;
  for (const auto& [key, fit] : FitOutputs(report, passed)) {
    entries.push_back(Object({Member("//", Quoted("largest error measured: " + ErrorText(fit.largest_error))),
                              Member("output", Quoted(key.first)), Member("dtype", Quoted(DTypeName(key.second))),
                              Member("rtol", Number(fit.rtol)), Member("atol", Number(fit.atol))}));
  }
  return entries;
}

std::string BudgetsOf(const ModelReport& model) {
  std::vector<std::string> members = {Member("model", Quoted(model.name))};
  const auto add = [&](const char* key, double measured, double room, auto print) {
    if (measured > 0) members.push_back(Member(key, print(Rounded(measured * room))));
  };
  const Measurement& measured = model.measured;
  double slowest = 0;
  for (const auto& [name, milliseconds] : measured.case_ms) slowest = std::fmax(slowest, milliseconds);
  add("model_bytes", model.files.empty() ? 0 : static_cast<double>(model.files.front().bytes), 1.1, Whole);
  add("peak_bytes", static_cast<double>(measured.peak_bytes.value_or(0)), 1.5, Whole);
  add("case_ms", slowest, 3, Number);
  if (measured.latency) {
    add("p50_ms", measured.latency->p50_ms, 1.5, Number);
    add("p99_ms", measured.latency->p99_ms, 2, Number);
    add("first_call_ms", measured.latency->first_ms, 3, Number);
  }
  return members.size() == 1 ? "" : Object(members);
}

std::vector<std::string> AllBudgets(const Report& report) {
  std::vector<std::string> entries;
  for (const ModelReport& model : report.models) {
    if (std::string entry = BudgetsOf(model); !entry.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

std::string WaiverFor(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  std::vector<std::string> members = {Member("code", Quoted(finding.code))};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) members.push_back(Member(key, Quoted(value)));
  };
  add("model", reported.model);
  add("case", reported.case_name);
  add("output", reported.output);
  add("file", finding.file.value_or(""));
  add("function", finding.function.value_or(""));
  if (finding.line) members.push_back(Member("line", std::to_string(*finding.line)));
  for (const char* key : {"reason", "owner", "expires"}) members.push_back(Member(key, Quoted("")));
  return Object(members);
}

// Waivers for what fails now, in a comment: whether it is accepted a person decides.
std::vector<std::string> PossibleWaivers(const Report& report) {
  std::vector<std::string> waivers;
  std::set<std::string> seen;
  for (const ReportedFinding& reported : report.findings) {
    if (!reported.fails || !CanBeWaived(reported.finding.code)) continue;
    if (std::string waiver = WaiverFor(reported); seen.insert(waiver).second) waivers.push_back(std::move(waiver));
  }
  return waivers;
}

}  // namespace

std::string StarterPolicy(const Report& report) {
  std::vector<std::string> members = {
      Member("//", Quoted("What these models must keep to: torchassay validate BUNDLE... --policy THIS_FILE. "
                          "A key that starts with // is a comment.")),
      Member("schema_version", std::to_string(kPolicySchemaVersion)),
      Member("//tolerances", Quoted("Replace the recorded ones. The first entry that fits an output counts; "
                                    "`model`, `output` and `dtype` may be left out and then fit any.")),
      Member("tolerances", Lines(Tolerances(report, /*passed=*/true))),
      Member("//fail",
             Quoted("Which verdicts of divergence findings fail (proved, possible, repaired, dismissed), and codes, "
                    "or their beginnings such as TA2, that fail whatever their verdict.")),
      Member("fail", Object({Member("verdicts", "[\"proved\"]"), Member("codes", "[]")})),
      Member("//budgets",
             Quoted("Measured, with room: files 1.1 times, memory and median 1.5, p99 twice, other times 3. "
                    "Times hold for this kind of machine only.")),
      Member("budgets", Lines(AllBudgets(report))),
      Member(
          "//waivers",
          Quoted(
              "A waiver accepts the findings that match all that it names, up to and with the day `expires`; "
              "it needs a reason. For what fails in this result, move here, or to the tolerances, what you accept:"))};
  // What failed is not to pass by the policy: whether it is accepted a person decides.
  if (const std::vector<std::string> wide = Tolerances(report, /*passed=*/false); !wide.empty()) {
    members.push_back(Member("//to tolerate", Lines(wide)));
  }
  if (const std::vector<std::string> waivers = PossibleWaivers(report); !waivers.empty()) {
    members.push_back(Member("//to waive", Lines(waivers)));
  }
  members.push_back(Member("waivers", "[]"));
  return "{\n  " + Join(members, ",\n  ") + "\n}\n";
}

}  // namespace torchassay
