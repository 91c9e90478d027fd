#include "validator/report/html_output.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "validator/base/strings.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

std::string Cell(const std::string& text, const char* css_class = "") {
  const std::string attribute = *css_class == '\0' ? "" : std::string(" class=\"") + css_class + "\"";
  return "<td" + attribute + ">" + text + "</td>";
}

std::string Number(const std::string& text) { return Cell(text, "n"); }

// Counts differ by orders of magnitude: the bar's length is the count's logarithm, its number the count.
std::string Bar(std::int64_t count, std::int64_t largest) {
  const double share = std::log1p(static_cast<double>(count)) / std::log1p(static_cast<double>(largest));
  const int width = count == 0 ? 0 : std::max(1, static_cast<int>(std::lround(100 * share)));
  return "<td class=\"bar\"><i style=\"width:" + std::to_string(width) + "%\"></i></td>";
}

std::string HistogramRow(const std::string& label, std::int64_t count, std::int64_t largest,
                         const std::string& remark) {
  return "<tr><th scope=\"row\">" + label + "</th>" + Bar(count, largest) + Number(GroupedText(count)) +
         Cell(remark, "muted") + "</tr>";
}

int DecadeOf(double value) { return static_cast<int>(std::floor(std::log10(value))); }

std::string Histogram(const Comparison& comparison) {
  const NonFinite& odd = comparison.non_finite;
  const std::int64_t mismatched_odd = odd.nan_actual + odd.nan_expected + odd.inf_opposite + odd.inf_actual +
                                      odd.inf_expected;
  const std::int64_t exact = comparison.compared - comparison.differing - mismatched_odd;
  std::int64_t largest = std::max<std::int64_t>({exact, mismatched_odd, 1});
  for (const Decade& decade : comparison.histogram) largest = std::max(largest, decade.count);
  std::string rows = HistogramRow("no error", exact, largest, "");
  const double atol = comparison.tolerance.atol;
  for (const Decade& decade : comparison.histogram) {
    const bool holds_atol = atol > 0 && decade.exponent == DecadeOf(atol);
    rows += HistogramRow("10<sup>" + std::to_string(decade.exponent) + "</sup>", decade.count, largest,
                         holds_atol ? "◂ atol " + ErrorText(atol) : "");
  }
  if (mismatched_odd > 0) rows += HistogramRow("NaN or Inf on one side", mismatched_odd, largest, "");
  return "<table class=\"histogram\"><caption>Elements by size of error</caption><tbody>" + rows +
         "</tbody></table>";
}

std::string WorstTable(const Comparison& comparison) {
  if (comparison.worst.empty()) return "";
  std::string rows;
  for (const Element& element : comparison.worst) {
    rows += "<tr>" + Cell(EscapeXml(IndexText(element.index)), "code") +
            Number(ScalarText(element.expected, comparison.dtype)) +
            Number(ScalarText(element.actual, comparison.dtype)) + Number(ErrorText(element.error)) +
            Number(ErrorText(element.allowed)) + "</tr>";
  }
  return "<table class=\"worst\"><caption>Worst elements</caption><thead><tr><th scope=\"col\">index</th>"
         "<th scope=\"col\" class=\"n\">expected</th><th scope=\"col\" class=\"n\">got</th>"
         "<th scope=\"col\" class=\"n\">difference</th><th scope=\"col\" class=\"n\">allowed</th></tr></thead><tbody>" + rows + "</tbody></table>";
}

std::string Term(const std::string& name, const std::string& text) {
  return "<div><dt>" + name + "</dt><dd>" + text + "</dd></div>";
}

std::string WouldPass(const Comparison& comparison) {
  if (comparison.passed) return "";
  std::string text;
  if (comparison.needed_atol) text = "atol ≥ " + NumberTextRoundedUp(*comparison.needed_atol);
  if (comparison.needed_rtol) {
    text += (text.empty() ? "" : ", or ") + ("rtol ≥ " + NumberTextRoundedUp(*comparison.needed_rtol));
  }
  return Term("would pass with", text.empty() ? "no tolerance at all" : text);
}

std::string NonFiniteTerms(const NonFinite& odd) {
  std::string text;
  const auto add = [&](const char* name, std::int64_t count) {
    if (count > 0) text += Term(name, GroupedText(count));
  };
  add("NaN on both sides", odd.nan_both);
  add("NaN only in what was got", odd.nan_actual);
  add("NaN only in what was expected", odd.nan_expected);
  add("Inf on both sides", odd.inf_both);
  add("Inf of opposite signs", odd.inf_opposite);
  add("Inf only in what was got", odd.inf_actual);
  add("Inf only in what was expected", odd.inf_expected);
  return text;
}

std::string Statistics(const Comparison& comparison) {
  std::string text = Term("mismatched", ShareText(comparison.mismatched, comparison.compared, "elements"));
  text += WouldPass(comparison);
  text += Term("tolerance", "rtol " + NumberText(comparison.tolerance.rtol, 2) + ", atol " +
                                NumberText(comparison.tolerance.atol, 2));
  text += Term("largest relative error", ErrorText(comparison.max_rel_error));
  text += Term("mean error", ErrorText(comparison.mean_error));
  text += Term("RMS error", ErrorText(comparison.rms_error));
  if (comparison.max_ulp) text += Term("largest ULP distance", std::to_string(*comparison.max_ulp));
  if (comparison.cosine) text += Term("cosine similarity", NumberText(*comparison.cosine, 9));
  return "<dl class=\"stats\">" + text + NonFiniteTerms(comparison.non_finite) + "</dl>";
}

std::string Details(const OutputReport& output) {
  const Comparison& comparison = *output.comparison;
  return "<tr class=\"more\"><td colspan=\"6\"><details" + std::string(output.passed ? "" : " open") +
         "><summary>statistics of " + EscapeXml(output.path) + "</summary><div class=\"columns\">" +
         Histogram(comparison) + Statistics(comparison) + WorstTable(comparison) + "</div></details></td></tr>";
}

std::string Summary(const OutputReport& output) {
  std::string text = "<tr>" + Cell(PassedBadge(output.passed)) + Cell(EscapeXml(output.path), "code");
  if (!output.comparison) {
    const char* why = output.passed ? "no tensor to compare" : "could not be compared: see what fails";
    return text + "<td colspan=\"4\" class=\"muted\">" + why + "</td></tr>";
  }
  const Comparison& comparison = *output.comparison;
  return text + Cell(DescribeTensor(comparison.dtype, comparison.shape), "code") +
         Number(GroupedText(comparison.compared)) + Number(GroupedText(comparison.mismatched)) +
         Number(ErrorText(comparison.max_abs_error)) + "</tr>";
}

}  // namespace

std::string PassedBadge(bool passed) {
  return passed ? "<span class=\"badge good\">ok</span>" : "<span class=\"badge bad\">failed</span>";
}

std::string OutputRows(const std::vector<OutputReport>& outputs) {
  std::string rows;
  for (const OutputReport& output : outputs) {
    rows += Summary(output);
    if (output.comparison && output.comparison->compared > 0) rows += Details(output);
    rows += "\n";
  }
  return rows;
}

}  // namespace torchassay
