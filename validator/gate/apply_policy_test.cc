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

TEST_CASE("a waiver that accepts nothing is a finding") {
  Report report = OneModel("TA101", Verdict::kDismissed);
  Policy policy;
  policy.waivers = {WaiverOf("TA104")};
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  REQUIRE(Codes(report) == std::vector<std::string>{"TA101", "TA602"});
  CHECK(report.findings[1].finding.message == "the waiver of `TA104` accepts nothing");
  CHECK(report.findings[1].finding.help == "remove it");
}

TEST_CASE("a waiver that nearly fits says what keeps it from accepting") {
  Report report = OneModel("TA101", Verdict::kProved);
  report.findings[0].finding.line = 9;
  Policy policy;
  policy.waivers = {WaiverOf("TA101")};
  policy.waivers[0].line = 12;
  ApplyPolicy(policy, kToday, report);
  REQUIRE(Codes(report) == std::vector<std::string>{"TA101", "TA602"});
  const Finding& unused = report.findings[1].finding;
  CHECK(unused.evidence.back().label == "nearest");
  CHECK(unused.evidence.back().text == "`line` is `12` in the waiver, `9` there");
  CHECK(unused.help == "mend what it names, or remove it");
}

TEST_CASE("waivers for models that were not validated are noted, and keep nobody from passing") {
  Report report = OneModel("TA101", Verdict::kDismissed);
  Policy policy;
  policy.waivers = {WaiverOf("TA101"), WaiverOf("TA401")};
  policy.waivers[0].model = "b.assay";
  policy.waivers[1].model = "c.assay";
  policy.waivers[1].expires = "2020-01-01";
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  REQUIRE(Codes(report) == std::vector<std::string>{"TA101", "TA602"});
  CHECK(report.findings[1].finding.message == "2 waivers are for models that were not validated");
  CHECK(report.findings[1].finding.severity == Severity::kNote);
}

TEST_CASE("a waiver is not unused where its model crashed") {
  Report report = OneModel("TA502", Verdict::kFailed);
  Policy policy;
  policy.waivers = {WaiverOf("TA401")};
  ApplyPolicy(policy, kToday, report);
  CHECK(Codes(report) == std::vector<std::string>{"TA502"});
  CHECK(report.verdict == ModelVerdict::kCrashed);
}

TEST_CASE("a waiver names its model with or without folders, but none that it does not lie in") {
  for (const char* name : {"a.assay", "models/a.assay", "text/a.assay"}) {
    Report report = OneModel("TA101", Verdict::kProved);
    report.models[0].path = "/home/me/models/a.assay";
    Policy policy;
    policy.waivers = {WaiverOf("TA101")};
    policy.waivers[0].model = name;
    ApplyPolicy(policy, kToday, report);
    const bool is_another = std::string(name) == "text/a.assay";
    CHECK(report.verdict == (is_another ? ModelVerdict::kFailed : ModelVerdict::kPassed));
  }
}

TEST_CASE("a waiver of what was proved once stays in use while it is only possible") {
  Report report = OneModel("TA101", Verdict::kPossible);
  Policy policy;
  policy.waivers = {WaiverOf("TA101")};
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  CHECK(Codes(report) == std::vector<std::string>{"TA101"});
  CHECK(report.findings[0].finding.waived == "never taken (ann)");
}

TEST_CASE("a waiver of a slow model is no unused one on a quick day") {
  Report report = OneModel("TA101", Verdict::kDismissed);
  Policy policy;
  policy.budgets = {{.case_ms = 30}};
  policy.waivers = {WaiverOf("TA604")};
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  policy.budgets[0].case_ms = 10;
  ApplyPolicy(policy, kToday, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  REQUIRE(Codes(report) == std::vector<std::string>{"TA101", "TA604"});
  CHECK(report.findings[1].finding.waived == "never taken (ann)");
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
  policy.budgets = {{.case_ms = 10, .model_bytes = 1024, .peak_bytes = 1 << 21}};
  ApplyPolicy(policy, kToday, report);
  CHECK(Codes(report) == std::vector<std::string>{"TA101", "TA604", "TA605"});
  const Finding& late = report.findings[1].finding;
  CHECK(late.message == "the time of case `example` is over its budget");
  CHECK(late.evidence[0].text == "20 ms");
  CHECK(late.evidence[1].text == "10 ms");
  CHECK(report.findings[2].finding.message == "the size of `model.pt` is over its budget");
}

TEST_CASE("a model's own limit comes before one for all, and leaves the others in force") {
  Report report = OneModel("TA101", Verdict::kDismissed);
  Policy policy;
  policy.budgets = {
      {.model = "a.assay", .case_ms = 25}, {.model = "b.assay", .peak_bytes = 1}, {.case_ms = 10, .model_bytes = 1024}};
  ApplyPolicy(policy, kToday, report);
  CHECK(Codes(report) == std::vector<std::string>{"TA101", "TA605"});
}

TEST_CASE("latency is held to each percentile that has a limit") {
  Report report = OneModel("TA101", Verdict::kDismissed);
  report.models[0].measured.latency = Latency{.first_ms = 90, .p50_ms = 4, .p90_ms = 5, .p99_ms = 9};
  Policy policy;
  policy.budgets = {{.p50_ms = 4, .p90_ms = 4.5, .p99_ms = 8, .first_call_ms = 100}};
  ApplyPolicy(policy, kToday, report);
  REQUIRE(Codes(report) == std::vector<std::string>{"TA101", "TA604", "TA604"});
  CHECK(report.findings[1].finding.message == "the 90th percentile of the latency is over its budget");
  CHECK(report.findings[2].finding.message == "the 99th percentile of the latency is over its budget");
}

TEST_CASE("of several tolerances the first that fits counts") {
  Policy policy;
  policy.tolerances = {{"b.assay", "", {}, {1, 1}},
                       {"", "logits", DType::kF16, {2, 2}},
                       {"", "logits", {}, {3, 3}},
                       {"", "", {}, {4, 4}}};
  ModelReport a, b;
  a.name = "a.assay";
  b.name = "b.assay";
  CHECK(ToleranceFor(policy, a, "logits", DType::kF32) == Tolerance{3, 3});
  CHECK(ToleranceFor(policy, a, "logits", DType::kF16) == Tolerance{2, 2});
  CHECK(ToleranceFor(policy, a, "mask", DType::kF32) == Tolerance{4, 4});
  CHECK(ToleranceFor(policy, b, "mask", DType::kF32) == Tolerance{1, 1});
  policy.tolerances.pop_back();
  CHECK_FALSE(ToleranceFor(policy, a, "mask", DType::kF32));
}

}  // namespace
}  // namespace torchassay
