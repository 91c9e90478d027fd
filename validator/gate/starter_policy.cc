#include "validator/gate/starter_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "validator/base/strings.h"
#include "validator/gate/policy.h"

namespace torchassay {
namespace {

using OrderedJson = nlohmann::ordered_json;  // comments stand before what they comment

// Two significant digits, upwards: a number that a person would have written.
double Rounded(double value) { return std::strtod(NumberTextRoundedUp(value).c_str(), nullptr); }

using OutputKey = std::pair<std::string, DType>;

// What each output was compared with, widened to what it needed.
std::map<OutputKey, Tolerance> NeededTolerances(const Report& report) {
  std::map<OutputKey, Tolerance> needed;
  for (const ModelReport& model : report.models) {
    for (const CaseReport& one : model.cases) {
      for (const OutputReport& output : one.outputs) {
        if (!output.comparison) continue;
        const Comparison& comparison = *output.comparison;
        Tolerance& tolerance = needed[{output.path, comparison.dtype}];
        tolerance.rtol = std::max(tolerance.rtol, comparison.tolerance.rtol);
        tolerance.atol = std::max({tolerance.atol, comparison.tolerance.atol,
                                   Rounded(comparison.needed_atol.value_or(0))});
      }
    }
  }
  return needed;
}

OrderedJson Tolerances(const Report& report) {
  OrderedJson entries = OrderedJson::array();
  for (const auto& [key, tolerance] : NeededTolerances(report)) {
    entries.push_back({{"output", key.first},
                       {"dtype", DTypeName(key.second)},
                       {"rtol", tolerance.rtol},
                       {"atol", tolerance.atol}});
  }
  return entries;
}

OrderedJson BudgetsJson(const Report& report) {
  double bytes = 0, peak = 0, slowest = 0;
  for (const ModelReport& model : report.models) {
    if (!model.files.empty()) bytes = std::fmax(bytes, static_cast<double>(model.files.front().bytes));
    peak = std::fmax(peak, static_cast<double>(model.measured.peak_bytes.value_or(0)));
    for (const auto& [name, milliseconds] : model.measured.case_ms) slowest = std::fmax(slowest, milliseconds);
  }
  OrderedJson budgets = {{"//", "measured here, with room: bytes 1.1 times, memory 1.5 times, time 3 times"}};
  if (bytes > 0) budgets["model_bytes"] = static_cast<std::int64_t>(Rounded(bytes * 1.1));
  if (peak > 0) budgets["peak_bytes"] = static_cast<std::int64_t>(Rounded(peak * 1.5));
  if (slowest > 0) budgets["case_ms"] = Rounded(slowest * 3);
  return budgets;
}

}  // namespace

std::string StarterPolicy(const Report& report) {
  const OrderedJson policy = {
      {"//", {"What these models must keep to. A key \"//\" is a comment.",
              "Use it: torchassay validate BUNDLE --policy THIS_FILE",
              "A waiver accepts one finding: {\"code\": \"TA101\", \"model\": \"x.assay\", \"reason\": \"…\", "
              "\"owner\": \"…\", \"expires\": \"2027-01-31\"}"}},
      {"schema_version", kPolicySchemaVersion},
      {"tolerances", Tolerances(report)},
      {"fail",
       {{"//", {"verdicts of divergence findings that fail: proved, possible, repaired, dismissed;",
                "codes, or their beginnings such as TA2, fail whatever their verdict"}},
        {"verdicts", {"proved"}},
        {"codes", OrderedJson::array()}}},
      {"budgets", BudgetsJson(report)},
      {"waivers", OrderedJson::array()}};
  return policy.dump(2) + "\n";
}

}  // namespace torchassay
