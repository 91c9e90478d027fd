#include "validator/report/junit.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "validator/report/finding_text.h"
#include "validator/report/markup.h"

namespace torchassay {
namespace {

using Findings = std::vector<const ReportedFinding*>;

// One <testcase>: what fails in it, and how long it took.
struct Test {
  std::string name;
  Findings failing;
  double milliseconds = 0;
  bool passed = true;  // a case may fail without a finding of its own, where its model crashed
};

std::string Attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + EscapeXml(value) + "\"";
}

std::string Seconds(double milliseconds) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.3f", milliseconds / 1000);
  return text.data();
}

// What a model's author can mend is a failure; what kept us from checking is an error.
bool IsError(const ReportedFinding& reported) { return VerdictOfCode(reported.finding.code) != ModelVerdict::kFailed; }

Findings FailingIn(const Report& report, const std::string& model, const std::string& case_name) {
  Findings failing;
  for (const ReportedFinding& reported : report.findings) {
    if (reported.fails && reported.model == model && reported.case_name == case_name) {
      failing.push_back(&reported);
    }
  }
  return failing;
}

std::vector<Test> TestsOf(const Report& report, const ModelReport& model) {
  std::vector<Test> tests = {{"(model)", FailingIn(report, model.name, ""), 0, true}};
  for (const CaseReport& one : model.cases) {
    Test test{one.name, FailingIn(report, model.name, one.name), 0, one.passed};
    for (const auto& [name, milliseconds] : model.measured.case_ms) {
      if (name == one.name) test.milliseconds = milliseconds;
    }
    tests.push_back(std::move(test));
  }
  return tests;
}

bool IsError(const Test& test) {
  return std::any_of(test.failing.begin(), test.failing.end(), [](const ReportedFinding* r) { return IsError(*r); });
}

// JUnit allows one failure or error a test: the first finding is its message, all of them its text.
std::string Problem(const Test& test) {
  if (test.failing.empty()) {
    return test.passed ? "" : "      <skipped message=\"not run: see the other tests of this model\"/>\n";
  }
  const char* element = IsError(test) ? "error" : "failure";
  std::string text;
  for (const ReportedFinding* reported : test.failing) {
    text += FindingText(*reported, TerminalStyle(Colours::kNever));
  }
  const Finding& first = test.failing.front()->finding;
  return std::string("      <") + element + Attribute("type", first.code) + Attribute("message", first.message) + ">" +
         EscapeXml(text) + "</" + element + ">\n";
}

std::string TestCase(const Test& test, const std::string& model) {
  const std::string problem = Problem(test);
  const std::string head = "    <testcase" + Attribute("classname", model) + Attribute("name", test.name) +
                           Attribute("time", Seconds(test.milliseconds));
  return problem.empty() ? head + "/>\n" : head + ">\n" + problem + "    </testcase>\n";
}

std::string Suite(const std::string& name, const std::vector<Test>& tests, const Report& report, int id) {
  const auto errors = std::count_if(tests.begin(), tests.end(), [](const Test& t) { return IsError(t); });
  const auto failures =
      std::count_if(tests.begin(), tests.end(), [](const Test& t) { return !t.failing.empty() && !IsError(t); });
  double milliseconds = 0;
  for (const Test& test : tests) milliseconds += test.milliseconds;
  std::string text = "  <testsuite" + Attribute("name", name) + Attribute("package", "torchassay") +
                     Attribute("id", std::to_string(id)) + Attribute("tests", std::to_string(tests.size())) +
                     Attribute("failures", std::to_string(failures)) + Attribute("errors", std::to_string(errors)) +
                     Attribute("time", Seconds(milliseconds)) + Attribute("timestamp", report.created.substr(0, 19)) +
                     Attribute("hostname", "localhost") + ">\n    <properties/>\n";
  for (const Test& test : tests) text += TestCase(test, name);
  return text + "    <system-out/>\n    <system-err/>\n  </testsuite>\n";
}

}  // namespace

std::string RenderJunit(const Report& report) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  int id = 0;
  for (const ModelReport& model : report.models) text += Suite(model.name, TestsOf(report, model), report, id++);
  // Findings of the run as a whole, such as a waiver that accepts nothing.
  const Findings general = FailingIn(report, "", "");
  if (!general.empty() || report.models.empty()) {
    Test test{"(run)", general, 0, true};
    text += Suite("torchassay " + report.command, {test}, report, id);
  }
  return text + "</testsuites>\n";
}

}  // namespace torchassay
