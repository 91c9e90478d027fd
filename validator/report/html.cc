#include "validator/report/html.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "validator/base/strings.h"
#include "validator/report/html_assets.h"
#include "validator/report/html_finding.h"
#include "validator/report/html_fleet.h"
#include "validator/report/html_model.h"
#include "validator/report/html_parts.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

// So many models start unfolded: of all, or else of those that did not pass.
constexpr std::int64_t kModelsOpen = 3;

// One sentence that answers the question with which the page was opened.
std::string Answer(const Report& report) {
  const std::int64_t passed = CountOf(report, ModelVerdict::kPassed);
  const auto all = std::ssize(report.models);
  if (all == 0) return "Nothing was checked";
  if (all == 1) {
    const ModelReport& model = report.models.front();
    if (report.verdict != model.verdict) return model.name + " passed, but not the run";
    switch (report.verdict) {
      case ModelVerdict::kNotDone: return model.name + " could not be checked";
      case ModelVerdict::kNothingChecked: return "Nothing of " + model.name + " was checked";
      case ModelVerdict::kPassed:
      case ModelVerdict::kFailed:
      case ModelVerdict::kCrashed: return model.name + " " + std::string(ModelVerdictName(report.verdict));
    }
  }
  if (report.verdict == ModelVerdict::kPassed) return "All " + GroupedText(all) + " models passed";
  if (passed == all) return "All models passed, but not the run";
  return GroupedText(all - passed) + " of " + GroupedText(all) + " models did not pass";
}

// What all models of the page come to together.
Totals TotalsOf(const Report& report) {
  Totals sum;
  for (const ModelReport& model : report.models) {
    const Totals totals = TotalsOf(model);
    sum.cases += totals.cases;
    sum.failed_cases += totals.failed_cases;
    sum.outputs += totals.outputs;
    sum.failed_outputs += totals.failed_outputs;
    sum.elements += totals.elements;
    sum.max_abs_error = std::max(sum.max_abs_error, totals.max_abs_error);
  }
  return sum;
}

std::string WithFailed(std::int64_t count, std::int64_t failed) {
  return "<b>" + GroupedText(count) + "</b>" + (failed > 0 ? " " + GroupedText(failed) + " failed" : "");
}

std::string Tiles(const Report& report) {
  TermList tiles;
  if (report.models.size() > 1) {
    const std::int64_t passed = CountOf(report, ModelVerdict::kPassed);
    tiles.Add("models", "<b>" + GroupedText(std::ssize(report.models)) + "</b> " + GroupedText(passed) + " passed");
  }
  const auto failing = std::count_if(report.findings.begin(), report.findings.end(),
                                     [](const ReportedFinding& reported) { return reported.fails; });
  const auto waived =
      std::count_if(report.findings.begin(), report.findings.end(),
                    [](const ReportedFinding& reported) { return reported.finding.waived.has_value(); });
  const Totals totals = TotalsOf(report);
  tiles.Add("findings that fail",
            "<b>" + GroupedText(failing) + "</b>" + (waived > 0 ? " " + GroupedText(waived) + " waived" : ""));
  if (totals.cases > 0) {
    tiles.Add("cases", WithFailed(totals.cases, totals.failed_cases));
    tiles.Add("outputs", WithFailed(totals.outputs, totals.failed_outputs));
    tiles.Add("elements compared", "<b>" + GroupedText(totals.elements) + "</b>");
    if (totals.elements > 0) tiles.Add("largest error", "<b>" + ErrorText(totals.max_abs_error) + "</b>");
  }
  return tiles.Html("tiles");
}

std::string Header(const Report& report) {
  return "<header class=\"" + std::string(MarkName(MarkOf(report.verdict))) +
         "\"><div class=\"page\">\n<p class=\"tool\">torchassay " + EscapeXml(report.command) + "</p>\n" +
         Heading(1, MarkIcon(MarkOf(report.verdict)) + EscapeXml(Answer(report))) + "\n" + Tiles(report) +
         "</div></header>\n";
}

std::string Footer(const Report& report) {
  const Environment& environment = report.environment;
  TermList terms;
  terms.Add("verdict", std::string(ModelVerdictName(report.verdict)));
  terms.Add("torchassay", EscapeXml(environment.tool_version));
  terms.Add("LibTorch", EscapeXml(environment.torch_version));
  terms.Add("device", EscapeXml(environment.device));
  terms.Add("platform", EscapeXml(environment.platform));
  if (!report.created.empty()) {
    terms.Add("written",
              "<time datetime=\"" + EscapeXml(report.created) + "\">" + EscapeXml(report.created) + "</time>");
  }
  return "<footer><div class=\"page\">" + Heading(2, "Environment") + "\n" + terms.Html("terms") + "</div></footer>\n";
}

std::string RunFindings(const Report& report) {
  std::string text;
  for (const ReportedFinding* reported : FindingsOf(report, "")) text += FindingCard(*reported, "", 3);
  return text.empty() ? "" : "<section>" + Heading(2, "About the run") + "\n" + text + "</section>\n";
}

std::string Models(const Report& report, const std::vector<std::size_t>& order) {
  PageBudget budget;
  const auto all = std::ssize(report.models);
  const auto failed = all - CountOf(report, ModelVerdict::kPassed);
  std::string text;
  for (const std::size_t index : order) {
    const ModelReport& model = report.models[index];
    const bool open = all <= kModelsOpen || (failed <= kModelsOpen && model.verdict != ModelVerdict::kPassed);
    const Standing standing = all == 1 ? Standing::kAlone : open ? Standing::kUnfolded : Standing::kFolded;
    text += ModelSection(report, model, AnchorOf(index), standing, budget);
  }
  return text;
}

std::string Head(const Report& report) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action "
         "'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n<title>" +
         EscapeXml(Answer(report)) + " · torchassay " + EscapeXml(report.command) + "</title>\n<style>" +
         std::string(kHtmlStyle) + "</style></head>\n";
}

}  // namespace

std::string RenderHtml(const Report& report) {
  const std::vector<std::size_t> order = WorstFirst(report);
  return Head(report) + "<body data-verdict=\"" + std::string(ModelVerdictName(report.verdict)) + "\">\n" +
         MarkShapes() + "<a class=\"skip\" href=\"#content\">Skip to the results</a>\n" + Header(report) +
         "<main id=\"content\" class=\"page\" tabindex=\"-1\">\n" + RunFindings(report) + FleetTable(report, order) +
         Models(report, order) + "</main>\n" + Footer(report) + "<script>" + std::string(kHtmlScript) +
         "</script>\n</body></html>\n";
}

}  // namespace torchassay
