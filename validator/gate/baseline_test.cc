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
            "the baseline has 7 mismatches and a largest error of 1.0e-03, now 7 and 2.0e-03"});
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
