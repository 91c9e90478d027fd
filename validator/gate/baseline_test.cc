#include "validator/gate/baseline.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

Report WithError(double max_abs_error, std::int64_t mismatched) {
  Comparison comparison;
  comparison.compared = 100;
  comparison.mismatched = mismatched;
  comparison.max_abs_error = max_abs_error;
  ModelReport model;
  model.name = "a.assay";
  model.cases = {{"example", "example", false, {{"output", false, comparison}}}};
  ReportedFinding reported;
  reported.finding.code = "TA401";
  reported.finding.message = "output `output` differs";
  reported.model = "a.assay";
  reported.case_name = "example";
  reported.output = "output";
  reported.fails = true;
  Report report;
  report.models = {model};
  report.findings = {reported};
  Judge(report);
  return report;
}

TEST_CASE("what the baseline already has does not fail") {
  Report report = WithError(1e-3, 7);
  ApplyBaseline(WithError(1e-3, 7), report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  CHECK(report.findings[0].finding.notes == std::vector<std::string>{"no worse than in the baseline"});
}

TEST_CASE("a larger error, or more elements beyond the tolerance, fails") {
  Report report = WithError(2e-3, 7);
  ApplyBaseline(WithError(1e-3, 7), report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK(report.findings[0].finding.notes ==
        std::vector<std::string>{
            "worse than in the baseline: 7 mismatched elements of 100 and a largest error of 1.0e-03 "
            "there, now 7 mismatched elements of 100 and a largest "
            "error of 2.0e-03"});
  report = WithError(1e-3, 8);
  ApplyBaseline(WithError(1e-3, 7), report);
  CHECK(report.verdict == ModelVerdict::kFailed);
}

TEST_CASE("a finding that the baseline lacks fails") {
  Report report = WithError(1e-3, 7);
  Report clean = WithError(0, 0);
  clean.findings.clear();
  ApplyBaseline(clean, report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK(report.findings[0].finding.notes == std::vector<std::string>{"the baseline does not have this"});
}

std::string BaselineFact(const Report& report) {
  for (const Evidence& fact : report.models[0].facts) {
    if (fact.label == "baseline") return fact.text;
  }
  return "";
}

TEST_CASE("what got better passes, and asks for a new baseline") {
  Report report = WithError(1e-4, 1);
  ApplyBaseline(WithError(1e-3, 7), report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  CHECK(report.findings[0].finding.notes ==
        std::vector<std::string>{
            "better than in the baseline: 7 mismatched elements of 100 and a largest error of 1.0e-03 there, "
            "now 1 mismatched element of 100 and a largest error of 1.0e-04"});
  CHECK(BaselineFact(report) == "1 better; write the baseline anew to keep it so");
}

TEST_CASE("what is gone passes, and asks for a new baseline") {
  Report report = WithError(1e-3, 7);
  report.findings.clear();
  ApplyBaseline(WithError(1e-3, 7), report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  CHECK(BaselineFact(report) == "1 gone; write the baseline anew to keep it so");
}

TEST_CASE("a clean model against a clean baseline is not worth a word") {
  Report report = WithError(0, 0);
  report.findings.clear();
  const Report same = report;
  ApplyBaseline(same, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
  CHECK(BaselineFact(report).empty());
}

TEST_CASE("each finding of the baseline excuses one: a second of the same kind is new") {
  Report report = WithError(1e-3, 7);
  report.findings.push_back(report.findings[0]);
  ApplyBaseline(WithError(1e-3, 7), report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK(BaselineFact(report) == "1 new, 1 no worse");
}

TEST_CASE("what was only possible in the baseline may not be proved now") {
  Report report = WithError(0, 0);
  report.findings[0].finding = {.code = "TA101", .verdict = Verdict::kProved, .message = "a branch"};
  Report before = report;
  before.findings[0].finding.verdict = Verdict::kPossible;
  ApplyBaseline(before, report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK(BaselineFact(report) == "1 worse");
  CHECK(report.findings[0].finding.notes ==
        std::vector<std::string>{"worse than in the baseline: possible there, now proved"});
}

TEST_CASE("the result of a ratcheted run is as good a baseline as the first") {
  const Report first = WithError(1e-3, 7);
  Report second = WithError(1e-3, 7);
  ApplyBaseline(first, second);
  Report third = WithError(1e-3, 7);
  ApplyBaseline(second, third);
  CHECK(third.verdict == ModelVerdict::kPassed);
}

TEST_CASE("a model may have more or fewer folders before its name than in the baseline") {
  Report report = WithError(1e-3, 7);
  Report before = WithError(1e-3, 7);
  before.models[0].name = before.findings[0].model = "vision/a.assay";
  ApplyBaseline(before, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
}

TEST_CASE("findings of the run as a whole are ratcheted as well") {
  Report report = WithError(0, 0);
  report.findings[0] = {};
  report.findings[0].finding = {.code = "TA603", .message = "the waiver of `TA101` expired on 2026-01-01"};
  report.findings[0].fails = true;
  Judge(report);
  const Report before = report;
  ApplyBaseline(before, report);
  CHECK(report.verdict == ModelVerdict::kPassed);
}

TEST_CASE("a case that is gone fails, a model that was not given is noted") {
  Report report = WithError(1e-3, 7);
  Report before = WithError(1e-3, 7);
  before.models[0].cases.push_back({"sampled-1", "sampled", true, {}});
  before.models.push_back({});
  before.models[1].name = "b.assay";
  ApplyBaseline(before, report);
  CHECK(report.verdict == ModelVerdict::kFailed);
  REQUIRE(report.findings.size() == 3);
  CHECK(report.findings[1].finding.message == "case `sampled-1` of the baseline is gone");
  CHECK(report.findings[1].fails);
  CHECK(report.findings[2].finding.message == "model `b.assay` of the baseline was not validated");
  CHECK_FALSE(report.findings[2].fails);
}

TEST_CASE("a crash or a run without a comparison fails, whatever the baseline has") {
  for (const char* code : {"TA502", "TA213", "TA408"}) {
    Report report = WithError(0, 0);
    report.findings[0].finding.code = code;
    Report same = report;
    ApplyBaseline(same, report);
    CHECK(report.verdict != ModelVerdict::kPassed);
  }
}

TEST_CASE("a NaN error is no excuse: more of them are worse") {
  Report report = WithError(0, 3);
  ApplyBaseline(WithError(0, 2), report);
  CHECK(report.verdict == ModelVerdict::kFailed);
}

}  // namespace
}  // namespace torchassay
