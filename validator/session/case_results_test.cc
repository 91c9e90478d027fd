#include "validator/session/case_results.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

Comparison Compared(std::int64_t elements) {
  Comparison comparison;
  comparison.passed = true;
  comparison.compared = elements;
  return comparison;
}

CaseResult Answer(const std::string& name, std::int64_t elements) {
  CaseResult result;
  result.name = name;
  result.kind = "sampled";
  result.outputs = {{"output", Compared(elements), {}}};
  result.duration_ms = 2;
  result.compared = elements;
  return result;
}

Manifest WithCases(const std::vector<std::string>& names) {
  Manifest manifest;
  for (const std::string& name : names) {
    Case one;
    one.name = name;
    one.calls.resize(1);
    one.calls[0].expects = Value{TensorRef{"output", DType::kF32, {3}, "", false, ""}};
    manifest.cases.push_back(one);
  }
  return manifest;
}

// What a result comes to, as a report of one model.
Report Judged(const JobResult& result, const Manifest& manifest) {
  Report report;
  ModelReport model;
  model.name = "a.assay";
  AddCaseResults(result, manifest, model, report);
  report.models = {model};
  Judge(report);
  return report;
}

TEST_CASE("cases that were compared and agree pass") {
  JobResult result;
  result.cases = {Answer("example", 3)};
  const Report report = Judged(result, WithCases({"example"}));
  CHECK(report.verdict == ModelVerdict::kPassed);
  CHECK(report.findings.empty());
  CHECK(report.models[0].measured.case_ms[0].second == 2);
}

TEST_CASE("a case that the runner did not answer for fails") {
  JobResult result;
  result.cases = {Answer("example", 3)};
  const Report report = Judged(result, WithCases({"example", "sampled-1"}));
  CHECK(report.verdict == ModelVerdict::kFailed);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].finding.code == "TA411");
  CHECK(report.findings[0].finding.message == "case `sampled-1` was not run");
  CHECK_FALSE(report.models[0].cases[1].passed);
}

TEST_CASE("a crash is one finding, not one for each case that could not run") {
  JobResult result;
  result.outcome = Outcome::kCrashed;
  result.detail = "the model crashed: segmentation fault";
  result.cases = {Answer("example", 3)};
  const Report report = Judged(result, WithCases({"example", "sampled-1"}));
  CHECK(report.verdict == ModelVerdict::kCrashed);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].finding.message == "the model crashed: segmentation fault");
}

TEST_CASE("no element in any output is nothing checked") {
  JobResult result;
  result.cases = {Answer("example", 0)};
  const Report report = Judged(result, WithCases({"example"}));
  CHECK(report.verdict == ModelVerdict::kNothingChecked);
  CHECK(report.findings[0].finding.code == "TA408");
}

TEST_CASE("a case without outputs is nothing checked, one that raised as it must is something") {
  JobResult result;
  result.cases = {Answer("example", 0)};
  result.cases[0].outputs.clear();
  Manifest manifest = WithCases({"example"});
  CHECK(Judged(result, manifest).verdict == ModelVerdict::kNothingChecked);
  manifest.cases[0].calls[0].expects = Raises{"ValueError", "negative"};
  CHECK(Judged(result, manifest).verdict == ModelVerdict::kNothingChecked);  // it raised for another reason
  result.cases[0].compared = 1;
  CHECK(Judged(result, manifest).verdict == ModelVerdict::kPassed);
}

TEST_CASE("a case that the manifest does not hold fails") {
  JobResult result;
  result.cases = {Answer("example", 3), Answer("sampled-9", 3)};
  const Report report = Judged(result, WithCases({"example"}));
  CHECK(report.verdict == ModelVerdict::kFailed);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].finding.code == "TA411");
}

TEST_CASE("a case has the kind that the manifest says, also where a crash cut it short") {
  JobResult result;
  result.cases = {Answer("example", 3)};
  result.cases[0].kind = "";
  CHECK(Judged(result, WithCases({"example"})).models[0].cases[0].kind == "example");
}

TEST_CASE("a finding of an output fails its case and says where it belongs") {
  JobResult result;
  result.cases = {Answer("example", 3)};
  Finding finding;
  finding.code = "TA401";
  finding.subject = "/somewhere/else: case `example`";
  result.cases[0].outputs[0].findings = {finding};
  const Report report = Judged(result, WithCases({"example"}));
  CHECK(report.verdict == ModelVerdict::kFailed);
  CHECK_FALSE(report.models[0].cases[0].passed);
  CHECK(report.findings[0].case_name == "example");
  CHECK(report.findings[0].output == "output");
  CHECK(report.findings[0].finding.subject.empty());
}

TEST_CASE("output types are those that the cases expect") {
  const auto types = OutputTypes(WithCases({"example", "sampled-1"}));
  REQUIRE(types.size() == 1);
  CHECK(types[0].first == "output");
  CHECK(types[0].second == DType::kF32);
}

}  // namespace
}  // namespace torchassay
