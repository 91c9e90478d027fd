#include "validator/gate/apply_policy.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace torchassay {
namespace {

constexpr char kToday[] = "2026-11-23";

Report OneModel(const std::string& code, Verdict verdict) {
  Report report;
  ModelReport model;
  model.name = "a.assay";
  model.files = {{"model.pt", 2048, ""}};
  model.measured.case_ms = {{"example", 20.0}};
  model.measured.peak_bytes = 1 << 20;
  report.models = {model};
  ReportedFinding reported;
  reported.finding.code = code;
  reported.finding.verdict = verdict;
  reported.finding.severity = verdict == Verdict::kPossible ? Severity::kWarning : Severity::kError;
  reported.finding.message = "something";
  reported.model = "a.assay";
  reported.fails = FailsByDefault(reported.finding);
  report.findings = {reported};
  Judge(report);
  return report;
}

std::vector<std::string> Codes(const Report& report) {
  std::vector<std::string> codes;
  for (const ReportedFinding& reported : report.findings) codes.push_back(reported.finding.code);
  return codes;
}

Waiver WaiverOf(const std::string& code) {
  Waiver waiver;
  waiver.code = code;
  waiver.reason = "never taken";
  waiver.owner = "ann";
  return waiver;
}

TEST_CASE("a possible divergence passes, unless the policy fails it") {
  Report report = OneModel("TA101", Verdict::kPossible);
  Policy policy;
  policy.name = "policy.json";
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kPassed);

  policy.failing_verdicts = {Verdict::kProved, Verdict::kPossible};
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK(report.findings[0].finding.notes == std::vector<std::string>{"the policy `policy.json` fails this"});
}

TEST_CASE("the beginning of a code fails all that start with it") {
  Report report = OneModel("TA107", Verdict::kDismissed);
  Policy policy;
  policy.failing_codes = {"TA1"};
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kFailed);
}

TEST_CASE("a waiver with a reason accepts what it names and says who decided") {
  Report report = OneModel("TA101", Verdict::kProved);
  Policy policy;
  policy.waivers = {WaiverOf("TA101")};
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  CHECK(report.findings[0].finding.waived == "never taken (ann)");
}

TEST_CASE("a waiver for another model accepts nothing, which is a finding") {
  Report report = OneModel("TA101", Verdict::kProved);
  Policy policy;
  policy.waivers = {WaiverOf("TA101")};
  policy.waivers[0].model = "b.assay";
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK(Codes(report) == std::vector<std::string>{"TA101", "TA602"});
  CHECK(report.findings[1].finding.message == "the waiver of `TA101` accepts nothing");
}

TEST_CASE("a waiver holds on its last day and not on the next") {
  Report report = OneModel("TA101", Verdict::kProved);
  Policy policy;
  policy.waivers = {WaiverOf("TA101")};
  policy.waivers[0].expires = kToday;
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kPassed);

  report = OneModel("TA101", Verdict::kProved);
  ApplyPolicy(policy, "2026-11-24", report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK(Codes(report) == std::vector<std::string>{"TA101", "TA603"});
}

TEST_CASE("a waiver without a reason accepts nothing and is a finding") {
  Report report = OneModel("TA101", Verdict::kProved);
  Policy policy;
  policy.waivers = {WaiverOf("TA101")};
  policy.waivers[0].reason.clear();
  ApplyPolicy(policy, kToday, report);
  CHECK(Codes(report) == std::vector<std::string>{"TA101", "TA601"});
}

TEST_CASE("budgets fail what is over them, with both numbers") {
  Report report = OneModel("TA101", Verdict::kDismissed);
  Policy policy;
  policy.budgets.case_ms = 10;
  policy.budgets.model_bytes = 1024;
  policy.budgets.peak_bytes = 1 << 21;
  ApplyPolicy(policy, kToday, report);
  CHECK(Codes(report) == std::vector<std::string>{"TA101", "TA604", "TA605"});
  const Finding& late = report.findings[1].finding;
  CHECK(late.message == "the time of case `example` is over its budget");
  CHECK(late.evidence[0].text == "20 ms");
  CHECK(late.evidence[1].text == "10 ms");
  CHECK(report.findings[2].finding.message == "the size of `model.pt` is over its budget");
}

TEST_CASE("of several tolerances the first that fits counts") {
  Policy policy;
  policy.tolerances = {{"b.assay", "", {}, {1, 1}},
                       {"", "logits", DType::kF16, {2, 2}},
                       {"", "logits", {}, {3, 3}},
                       {"", "", {}, {4, 4}}};
  CHECK(ToleranceFor(policy, "a.assay", "logits", DType::kF32) == Tolerance{3, 3});
  CHECK(ToleranceFor(policy, "a.assay", "logits", DType::kF16) == Tolerance{2, 2});
  CHECK(ToleranceFor(policy, "a.assay", "mask", DType::kF32) == Tolerance{4, 4});
  CHECK(ToleranceFor(policy, "b.assay", "mask", DType::kF32) == Tolerance{1, 1});
  policy.tolerances.pop_back();
  CHECK_FALSE(ToleranceFor(policy, "a.assay", "mask", DType::kF32));
}

}  // namespace
}  // namespace torchassay
