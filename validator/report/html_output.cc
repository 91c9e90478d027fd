#include "validator/report/html_output.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "validator/base/strings.h"
#include "validator/report/html_chart.h"
#include "validator/report/html_parts.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

constexpr std::size_t kRowBytes = 450;  // of a row of the table, about

std::string Code(const std::string& text) { return "<code>" + EscapeXml(text) + "</code>"; }

// How many times more than allowed an error is; a NaN has no measure.
std::string TimesAllowed(const Element& element) {
  if (!std::isfinite(element.error) || !(element.allowed > 0)) return "";
  return NumberText(element.error / element.allowed, 2) + " ×";
}

void AddElements(const std::vector<Element>& elements, DType dtype, HtmlTable& table) {
  for (const Element& element : elements) {
    table.Add({EscapeXml(IndexText(element.index)), ScalarText(element.expected, dtype),
               ScalarText(element.actual, dtype), ErrorText(element.error), ErrorText(element.allowed),
               TimesAllowed(element)});
  }
}

std::string WorstElements(const Comparison& comparison) {
  HtmlTable table(
      "worst", "Worst elements",
      {{"index"}, {"expected", true}, {"got", true}, {"difference", true}, {"allowed", true}, {"times allowed", true}});
  AddElements(comparison.non_finite_first, comparison.dtype, table);
  AddElements(comparison.worst, comparison.dtype, table);
  return table.Html();
}

std::string WouldPass(const Comparison& comparison) {
  if (comparison.passed) return "";
  std::string text;
  if (comparison.needed_atol) text = "atol ≥ " + NumberTextRoundedUp(*comparison.needed_atol);
  if (comparison.needed_rtol) {
    text += (text.empty() ? "" : ", or ") + ("rtol ≥ " + NumberTextRoundedUp(*comparison.needed_rtol));
  }
  return text.empty() ? "no tolerance" : text;
}

void AddNonFinite(const NonFinite& odd, TermList& terms) {
  const auto add = [&](const char* name, std::int64_t count) {
    if (count > 0) terms.Add(name, GroupedText(count));
  };
  add("NaN on both sides", odd.nan_both);
  add("NaN only in what was got", odd.nan_actual);
  add("NaN only in what was expected", odd.nan_expected);
  add("Inf on both sides", odd.inf_both);
  add("Inf of opposite signs", odd.inf_opposite);
  add("Inf only in what was got", odd.inf_actual);
  add("Inf only in what was expected", odd.inf_expected);
}

std::string Statistics(const Comparison& comparison) {
  TermList terms;
  terms.Add("mismatched", ShareText(comparison.mismatched, comparison.compared, "elements"));
  const std::string pass = WouldPass(comparison);
  terms.Add("would pass with", pass.empty() ? "" : "<strong>" + pass + "</strong>");
  terms.Add("tolerance",
            "rtol " + NumberText(comparison.tolerance.rtol, 2) + ", atol " + NumberText(comparison.tolerance.atol, 2));
  terms.Add("largest error", ErrorText(comparison.max_abs_error));
  terms.Add("largest relative error", ErrorText(comparison.max_rel_error));
  terms.Add("mean, RMS error", ErrorText(comparison.mean_error) + ", " + ErrorText(comparison.rms_error));
  if (comparison.max_ulp)
    terms.Add("largest ULP distance", GroupedText(static_cast<std::int64_t>(*comparison.max_ulp)));
  if (comparison.cosine) terms.Add("cosine similarity", NumberText(*comparison.cosine, 9));
  AddNonFinite(comparison.non_finite, terms);
  return terms.Html("terms");
}

// "" where there is nothing to tell.
std::string Details(const OutputReport& output, const std::string& anchor) {
  if (!output.comparison || output.comparison->compared == 0) return "";
  const Comparison& comparison = *output.comparison;
  const std::string content = "<div class=\"columns\">" + ErrorHistogram(comparison) + Statistics(comparison) +
                              "</div>" + WorstElements(comparison);
  return Folded(MarkIcon(MarkOfOutput(output.passed)) + Code(output.path) + " <span class=\"muted\">in numbers</span>",
                content, output.passed ? Unfolding::kClosed : Unfolding::kOpen,
                " class=\"output\" id=\"" + anchor + "\"");
}

std::vector<std::string> Row(const OutputReport& output, const std::string& name) {
  const std::string badge = PassedBadge(output.passed);
  if (!output.comparison) return {name, badge, output.passed ? "no tensor" : "could not be compared", "", "", "", ""};
  const Comparison& comparison = *output.comparison;
  const std::string mismatched =
      comparison.mismatched == 0
          ? "0"
          : GroupedText(comparison.mismatched) + " (" + PercentText(comparison.mismatched, comparison.compared) + ")";
  return {name,
          badge,
          Code(DescribeTensor(comparison.dtype, comparison.shape)),
          GroupedText(comparison.compared),
          mismatched,
          ErrorText(comparison.max_abs_error),
          ErrorSpark(comparison)};
}

std::string LeftOut(std::int64_t count) {
  if (count == 0) return "";
  return "<p class=\"muted\">" + CountText(count, "output") + " more, all in the result's JSON</p>\n";
}

}  // namespace

std::string OutputTable(const std::vector<OutputReport>& outputs, const std::string& anchor, PageBudget& budget) {
  const bool any_failed = std::any_of(outputs.begin(), outputs.end(), [](const OutputReport& o) { return !o.passed; });
  std::vector<Column> columns = {{"output"},
                                 {"verdict"},
                                 {"type"},
                                 {"elements", true},
                                 {"mismatched", true},
                                 {"largest error", true},
                                 {"errors, 10<sup>-12</sup> … 10<sup>3</sup>"}};
  if (any_failed) columns.push_back({"would pass with"});
  HtmlTable table("outputs", "", columns);
  std::string details;
  std::int64_t left_out = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const OutputReport& output = outputs[i];
    if (!PageBudget::Take(budget.rest, kRowBytes)) {
      ++left_out;
      continue;
    }
    std::string name = Code(output.path);
    const std::string id = anchor + "o" + std::to_string(i);
    const std::string statistics = Details(output, id);
    if (!statistics.empty() && PageBudget::Take(budget.statistics, statistics.size())) {
      details += statistics;
      name = "<a href=\"#" + id + "\">" + name + "</a>";
    }
    std::vector<std::string> cells = Row(output, name);
    if (any_failed) cells.push_back(output.comparison ? WouldPass(*output.comparison) : "");
    table.Add(cells, output.passed ? "" : " class=\"fails\"");
  }
  return table.Html() + LeftOut(left_out) + details;
}

}  // namespace torchassay
