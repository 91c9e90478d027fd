// Prints the fixture report in the format that it is asked for: the golden files are its output.

#include <iostream>
#include <string>

#include "validator/report/fixture_report.h"
#include "validator/report/html.h"
#include "validator/report/json.h"
#include "validator/report/junit.h"
#include "validator/report/markdown.h"
#include "validator/report/sarif.h"
#include "validator/report/text.h"

namespace torchassay {
namespace {

std::string Render(const Report& report, const std::string& format) {
  if (format == "text") return RenderText(report, TerminalStyle(Colours::kNever));
  if (format == "json") return RenderJson(report);
  if (format == "junit") return RenderJunit(report);
  if (format == "sarif") return RenderSarif(report);
  if (format == "markdown") return RenderMarkdown(report);
  if (format == "html") return RenderHtml(report);
  return "";
}

}  // namespace
}  // namespace torchassay

int main(int argc, char** argv) {
  const std::string text = torchassay::Render(torchassay::FixtureReport(), argc == 2 ? argv[1] : "");
  std::cout << text;
  return text.empty() ? 1 : 0;
}
