#include "validator/report/html_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "validator/base/strings.h"
#include "validator/report/html_parts.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

// More decades than these are listed only where they occur.
constexpr int kDecadesInARow = 30;

int DecadeOf(double value) { return static_cast<int>(std::floor(std::log10(value))); }

std::int64_t OneSided(const NonFinite& odd) {
  return odd.nan_actual + odd.nan_expected + odd.inf_opposite + odd.inf_actual + odd.inf_expected;
}

std::int64_t Equal(const Comparison& comparison) {
  return comparison.compared - comparison.differing - OneSided(comparison.non_finite);
}

// Counts differ by orders of magnitude: a length is the count's logarithm.
double LogShare(std::int64_t count, std::int64_t whole) {
  if (count <= 0) return 0;
  return std::log1p(static_cast<double>(count)) / std::log1p(static_cast<double>(std::max(count, whole)));
}

// All decades between the first and the last that occur, so that the axis has no holes.
std::map<int, std::int64_t> Decades(const Comparison& comparison) {
  std::map<int, std::int64_t> decades;
  for (const Decade& decade : comparison.histogram) decades[decade.exponent] = decade.count;
  if (comparison.tolerance.atol > 0 && !decades.empty()) decades.try_emplace(DecadeOf(comparison.tolerance.atol), 0);
  if (decades.empty() || decades.rbegin()->first - decades.begin()->first > kDecadesInARow) return decades;
  for (int exponent = decades.begin()->first; exponent < decades.rbegin()->first; ++exponent) {
    decades.try_emplace(exponent, 0);
  }
  return decades;
}

// A path of columns, each `height` (0 to 1) of 16 units high and 3 wide.
class Columns final {
 public:
  void Add(int place, double height) {
    if (height <= 0) return;
    const int units = std::clamp(static_cast<int>(std::lround(16 * height)), 1, 16);
    path_ += "M" + std::to_string(4 * place) + " 16v-" + std::to_string(units) + "h3v" + std::to_string(units) + "z";
  }

  std::string Svg(std::string_view css_class) const {
    if (path_.empty()) return "";
    return "<path class=\"" + std::string(css_class) + "\" d=\"" + path_ + "\"/>";
  }

 private:
  std::string path_;
};

// The axis of ErrorSpark.
constexpr int kSparkFirst = -12, kSparkLast = 3;
constexpr int kSparkDecades = kSparkLast - kSparkFirst + 1;

int SparkPlace(int exponent) { return 2 + std::clamp(exponent, kSparkFirst, kSparkLast) - kSparkFirst; }

constexpr int kLatencyColumns = 40;
constexpr double kChartWidth = 640, kChartHeight = 130;

// The range that LatencyChart shows: a few outliers must not squeeze all others into one column.
struct Range {
  double first = 0;
  double last = 0;
  double Place(double value) const { return kChartWidth * std::clamp((value - first) / (last - first), 0.0, 1.0); }
};

Range RangeOf(const Latency& latency) {
  const auto [least, most] = std::minmax_element(latency.samples_ms.begin(), latency.samples_ms.end());
  const double end = std::min(*most, latency.p99_ms * 1.2);
  return {*least, end > *least ? end : *least * 1.01 + 1e-6};
}

std::string Fixed(double value) { return std::to_string(static_cast<int>(std::lround(value))); }

std::string LatencyColumns(const std::vector<double>& samples, const Range& range) {
  std::array<std::int64_t, kLatencyColumns> counts{};
  for (double sample : samples) {
    const int column = static_cast<int>(range.Place(sample) / kChartWidth * kLatencyColumns);
    ++counts[std::min(column, kLatencyColumns - 1)];
  }
  const double most = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  constexpr double kWidth = kChartWidth / kLatencyColumns;
  std::string path;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const std::string height = Fixed(std::max(2.0, 80 * static_cast<double>(counts[i]) / most));
    path += "M" + Fixed(static_cast<double>(i) * kWidth) + " " + Fixed(kChartHeight) + "v-" + height + "h" +
            Fixed(kWidth - 2) + "v" + height + "z";
  }
  return "<path class=\"columns\" d=\"" + path + "\"/>";
}

// A line with its name; each percentile's name stands on a line of its own, since they may be close together.
std::string Marker(const std::string& name, double milliseconds, int line, const Range& range) {
  const double x = range.Place(milliseconds);
  const std::string y = Fixed(11 + 14 * line);
  const bool at_end = x > kChartWidth - 130;
  return "<path class=\"marker\" d=\"M" + Fixed(x) + " " + Fixed(kChartHeight) + "V" + y + "\"/><text x=\"" +
         Fixed(at_end ? x - 5 : x + 5) + "\" y=\"" + y + "\"" + (at_end ? " text-anchor=\"end\"" : "") + ">" + name +
         " " + DurationText(milliseconds) + "</text>";
}

}  // namespace

std::string ErrorHistogram(const Comparison& comparison) {
  const std::int64_t odd = OneSided(comparison.non_finite);
  const std::int64_t equal = Equal(comparison);
  const std::map<int, std::int64_t> decades = Decades(comparison);
  std::int64_t most = std::max(equal, odd);
  for (const auto& [exponent, count] : decades) most = std::max(most, count);
  HtmlTable table("histogram", "Elements by size of error (both scales logarithmic)",
                  {{"error"}, {"", false, "wide"}, {"elements", true}, {""}});
  const auto add = [&](const std::string& label, std::int64_t count, const char* css_class, const std::string& remark) {
    table.Add({label, Bar(LogShare(count, most), css_class), GroupedText(count), remark});
  };
  add("none", equal, "", "");
  const double atol = comparison.tolerance.atol;
  for (const auto& [exponent, count] : decades) {
    const bool above = atol > 0 && exponent > DecadeOf(atol);
    const bool holds = atol > 0 && exponent == DecadeOf(atol);
    add("≥ 10<sup>" + std::to_string(exponent) + "</sup>", count, above && !comparison.passed ? "over" : "",
        holds ? "atol " + NumberText(atol, 2) : "");
  }
  if (odd > 0) add("NaN, Inf", odd, "over", "on one side");
  return table.Html();
}

std::string ErrorSpark(const Comparison& comparison) {
  Columns columns, over;
  columns.Add(0, LogShare(Equal(comparison), comparison.compared));
  const double atol = comparison.tolerance.atol;
  std::map<int, std::int64_t> counts;
  for (const Decade& decade : comparison.histogram) counts[SparkPlace(decade.exponent)] += decade.count;
  for (const auto& [place, count] : counts) {
    const bool above = !comparison.passed && (atol <= 0 || place > SparkPlace(DecadeOf(atol)));
    (above ? over : columns).Add(place, LogShare(count, comparison.compared));
  }
  over.Add(kSparkDecades + 3, LogShare(OneSided(comparison.non_finite), comparison.compared));
  std::string limit;
  if (atol > 0)
    limit = "<path class=\"marker\" d=\"M" + std::to_string(4 * SparkPlace(DecadeOf(atol)) + 3) + ".5 0v16\"/>";
  return "<svg class=\"spark\" viewBox=\"0 0 " + std::to_string(4 * (kSparkDecades + 4)) +
         " 16\" aria-hidden=\"true\">" + columns.Svg("columns") + over.Svg("over") + limit + "</svg>";
}

std::string LatencyChart(const Latency& latency) {
  if (latency.samples_ms.size() < 2) return "";
  const Range range = RangeOf(latency);
  return "<figure><svg class=\"latency\" viewBox=\"0 0 " + Fixed(kChartWidth) + " " + Fixed(kChartHeight + 18) +
         "\" role=\"img\" aria-label=\"Distribution of the latency of " + GroupedText(latency.calls) +
         " calls; the table has its percentiles\">" + LatencyColumns(latency.samples_ms, range) +
         "<path class=\"axis\" d=\"M0 " + Fixed(kChartHeight) + "h" + Fixed(kChartWidth) + "\"/>" +
         Marker("p50", latency.p50_ms, 0, range) + Marker("p90", latency.p90_ms, 1, range) +
         Marker("p99", latency.p99_ms, 2, range) + "<text x=\"0\" y=\"" + Fixed(kChartHeight + 14) + "\">" +
         DurationText(range.first) + "</text><text x=\"" + Fixed(kChartWidth) + "\" y=\"" + Fixed(kChartHeight + 14) +
         "\" text-anchor=\"end\">" + DurationText(range.last) + "</text></svg><figcaption>How long " +
         GroupedText(latency.calls) + " calls took, after " + GroupedText(latency.warmup_calls) +
         " to warm up</figcaption></figure>\n";
}

}  // namespace torchassay
