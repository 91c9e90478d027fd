#include "validator/report/annotations.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "validator/report/fixture_report.h"

namespace torchassay {
namespace {

ReportedFinding Failing(const std::string& message) {
  ReportedFinding reported;
  reported.finding.code = "TA101";
  reported.finding.verdict = Verdict::kProved;
  reported.finding.message = message;
  reported.fails = true;
  return reported;
}

TEST_CASE("a divergence stands at its source line, with its evidence") {
  Report report;
  report.findings = {Failing("decided once")};
  Finding& finding = report.findings[0].finding;
  finding.file = "models/gate.py";
  finding.line = 12;
  finding.end_line = 14;
  finding.column = 9;
  finding.baked = "True";
  finding.help = "script it";
  report.findings[0].model = "gate.assay";
  CHECK(RenderAnnotations(report) ==
        "::error title=TA101 (value-branch) in gate.assay,file=models/gate.py,line=12,endLine=14,col=9::decided once%0A"
        "models/gate.py:12:9%0Abaked: True%0Ahelp: script it\n");
}

TEST_CASE("no text can end the command or begin another") {
  Report report;
  report.findings = {Failing("100 %\r\n::set-output name=x::y")};
  report.findings[0].finding.file = "a,b:c%.py";
  CHECK(RenderAnnotations(report) ==
        "::error title=TA101 (value-branch),file=a%2Cb%3Ac%25.py::100 %25%0D%0A::set-output name=x::y%0Aa,b:c%25.py\n");
}

TEST_CASE("failures come first, then warnings, and nothing else") {
  const std::string text = RenderAnnotations(FixtureReport());
  CHECK(std::count(text.begin(), text.end(), '\n') == 7);
  CHECK(text.rfind("::error ") < text.find("::warning title=TA105"));
  CHECK_THAT(text, !Catch::Contains("TA103"));
  CHECK(RenderAnnotations(Report()).empty());
}

TEST_CASE("no more than GitHub shows") {
  Report report;
  for (int i = 0; i < 12; ++i) report.findings.push_back(Failing("number " + std::to_string(i)));
  const std::string text = RenderAnnotations(report);
  CHECK(std::count(text.begin(), text.end(), '\n') == kAnnotationsShown);
}

}  // namespace
}  // namespace torchassay
