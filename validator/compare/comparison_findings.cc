#include "validator/compare/comparison_findings.h"

#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr char kToleranceHelp[] =
    "record a tolerance for this output, or find the first differing submodule with `--localise`";
constexpr char kExactHelp[] = "integers and booleans must be equal unless a tolerance is recorded for this output";

std::string ShareText(std::int64_t part, std::int64_t whole) {
  return std::to_string(part) + " of " + CountText(whole, "element") + " (" + PercentText(part, whole) + ")";
}

std::int64_t NanMismatches(const NonFinite& n, NanPolicy policy) {
  return n.nan_actual + n.nan_expected + (policy == NanPolicy::kNeverEqual ? n.nan_both : 0);
}

std::int64_t InfMismatches(const NonFinite& n) { return n.inf_opposite + n.inf_actual + n.inf_expected; }

std::string WorstText(const Element& element, DType dtype) {
  return "at " + IndexText(element.index) + ": expected " + ScalarText(element.expected, dtype) + ", got " +
         ScalarText(element.actual, dtype) + ", allowed " + NumberText(element.allowed, 2);
}

std::string PlaceText(const Element& element, DType dtype) {
  return "at " + IndexText(element.index) + ": expected " + ScalarText(element.expected, dtype) + ", got " +
         ScalarText(element.actual, dtype);
}

// What tolerance would do; "" where none would.
std::string WouldPassText(const Comparison& c) {
  std::string text;
  if (c.needed_atol) text = "with atol >= " + NumberTextRoundedUp(*c.needed_atol);
  if (c.needed_atol && c.needed_rtol) text += ", or rtol >= " + NumberTextRoundedUp(*c.needed_rtol);
  return text;
}

void AddLine(Finding& finding, const std::string& label, const std::string& text) {
  finding.evidence.push_back({label, text});
}

Finding DescribeNumbers(const Comparison& c, const std::string& path, std::int64_t non_finite) {
  Finding finding;
  finding.code = "TA401";
  finding.message = "output " + Quote(path) + " differs from its reference";
  finding.max_abs_error = c.max_abs_error;
  const std::int64_t nan = NanMismatches(c.non_finite, c.nan_policy);
  AddLine(finding, "mismatched", ShareText(c.mismatched - non_finite, c.compared) + (nan == 0 ? ", none NaN" : ""));
  AddLine(finding, "worst", WorstText(c.worst.front(), c.dtype));
  const std::string tolerance = WouldPassText(c);
  AddLine(finding, "would pass",
          !tolerance.empty() ? tolerance
          : non_finite > 0   ? "with no tolerance, because of NaN or Inf"
                             : "with no tolerance: a difference is larger than any number");
  finding.help = IsFloating(c.dtype) || IsComplex(c.dtype) ? kToleranceHelp : kExactHelp;
  return finding;
}

// "2 in the output only, 1 in the reference only".
std::string SidesText(std::int64_t actual, std::int64_t expected, std::int64_t both, const std::string& both_text) {
  std::vector<std::string> parts;
  if (actual > 0) parts.push_back(std::to_string(actual) + " in the output only");
  if (expected > 0) parts.push_back(std::to_string(expected) + " in the reference only");
  if (both > 0) parts.push_back(std::to_string(both) + " " + both_text);
  return Join(parts, ", ");
}

Finding DescribeNonFinite(const Comparison& c, const std::string& path) {
  const NonFinite& n = c.non_finite;
  const std::int64_t nan = NanMismatches(n, c.nan_policy);
  const std::int64_t inf = InfMismatches(n);
  const bool only_both = nan == n.nan_both && inf == 0;
  Finding finding;
  finding.code = "TA407";
  finding.message =
      "output " + Quote(path) + " has " + (nan > 0 ? (inf > 0 ? "NaN and Inf" : "NaN") : "Inf") +
      (only_both ? " on both sides, and no NaN was to match" : " where its reference has not, or the reverse");
  if (nan > 0) {
    const std::int64_t both = c.nan_policy == NanPolicy::kNeverEqual ? n.nan_both : 0;
    AddLine(finding, "NaN", SidesText(n.nan_actual, n.nan_expected, both, "on both sides"));
  }
  if (inf > 0) AddLine(finding, "Inf", SidesText(n.inf_actual, n.inf_expected, n.inf_opposite, "of opposite signs"));
  AddLine(finding, "first", PlaceText(c.non_finite_first.front(), c.dtype));
  if (only_both) finding.help = "`--equal-nan` lets a NaN match a NaN";
  return finding;
}

}  // namespace

std::vector<Finding> DescribeComparison(const Comparison& comparison, const std::string& path) {
  std::vector<Finding> findings;
  const std::int64_t non_finite =
      NanMismatches(comparison.non_finite, comparison.nan_policy) + InfMismatches(comparison.non_finite);
  if (comparison.mismatched > non_finite) findings.push_back(DescribeNumbers(comparison, path, non_finite));
  if (non_finite > 0) findings.push_back(DescribeNonFinite(comparison, path));
  return findings;
}

Finding DescribeDifference(const std::string& code, const std::string& message, const std::string& expected,
                           const std::string& actual) {
  Finding finding;
  finding.code = code;
  finding.message = message;
  AddLine(finding, "expected", expected);
  AddLine(finding, "got", actual);
  return finding;
}

}  // namespace torchassay
