#include "validator/report/report.h"

#include <catch2/catch.hpp>

#include "validator/report/fixture_report.h"

namespace torchassay {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("a name has as many folders as tell it from the others") {
  CHECK(DisplayNames({"/home/me/a.assay/"}) == Names{"a.assay"});
  CHECK(DisplayNames({"x/a.assay", "y/a.assay", "y/b.assay"}) == Names{"x/a.assay", "y/a.assay", "b.assay"});
  CHECK(DisplayNames({"/p/one/x/a", "/p/two/x/a"}) == Names{"one/x/a", "two/x/a"});
}

TEST_CASE("the same file twice keeps its name") { CHECK(DisplayNames({"a/b", "a/b"}) == Names{"b", "b"}); }

TEST_CASE("a report is as bad as its worst model") {
  const Report report = FixtureReport();
  CHECK(report.verdict == ModelVerdict::kCrashed);
  CHECK(report.models[0].verdict == ModelVerdict::kPassed);
  CHECK(report.models[1].verdict == ModelVerdict::kFailed);
  CHECK(report.models[2].verdict == ModelVerdict::kNotDone);
  CHECK(report.models[4].verdict == ModelVerdict::kNothingChecked);
}

TEST_CASE("a finding that does not fail leaves its model passed") {
  Report report = FixtureReport();
  for (ReportedFinding& reported : report.findings) reported.fails = false;
  Judge(report);
  CHECK(report.verdict == ModelVerdict::kPassed);
}

TEST_CASE("a run without models has checked nothing") {
  Report report;
  Judge(report);
  CHECK(report.verdict == ModelVerdict::kNothingChecked);
}

TEST_CASE("totals count cases, outputs and elements") {
  const Totals totals = TotalsOf(FixtureReport().models[1]);
  CHECK(totals.cases == 2);
  CHECK(totals.failed_cases == 1);
  CHECK(totals.outputs == 3);
  CHECK(totals.failed_outputs == 1);
  CHECK(totals.elements == 5000);
  CHECK(totals.max_abs_error == 3.1e-4);
}

}  // namespace
}  // namespace torchassay
