#include "validator/report/html.h"

#include <algorithm>
#include <cstddef>

#include "validator/base/strings.h"
#include "validator/report/html_assets.h"
#include "validator/report/html_finding.h"
#include "validator/report/html_model.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"
#include "validator/report/text.h"

namespace torchassay {
namespace {

// So many sections start unfolded: of all models, or else of those that did not pass.
constexpr std::int64_t kModelsOpen = 3;

std::int64_t Count(const Report& report, ModelVerdict verdict) {
  return std::count_if(report.models.begin(), report.models.end(),
                       [&](const ModelReport& model) { return model.verdict == verdict; });
}

// One sentence that answers the question with which the page was opened.
std::string Answer(const Report& report) {
  const auto passed = Count(report, ModelVerdict::kPassed);
  const auto all = std::ssize(report.models);
  if (all == 0) return "Nothing was checked";
  if (report.verdict == ModelVerdict::kPassed) {
    return all == 1 ? report.models.front().name + " passed" : "All " + std::to_string(all) + " models passed";
  }
  if (all == 1) return report.models.front().name + ": " + std::string(ModelVerdictName(report.verdict));
  return std::to_string(all - passed) + " of " + std::to_string(all) + " models did not pass";
}

std::string Environment(const Report& report) {
  std::string text = "torchassay " + EscapeXml(report.environment.tool_version);
  if (!report.environment.torch_version.empty()) text += " · LibTorch " + EscapeXml(report.environment.torch_version);
  if (!report.environment.device.empty()) text += " · " + EscapeXml(report.environment.device);
  text += " · " + EscapeXml(report.environment.platform);
  if (!report.created.empty()) text += " · <time datetime=\"" + EscapeXml(report.created) + "\">" + EscapeXml(report.created) + "</time>";
  return text;
}

std::string Header(const Report& report) {
  const bool good = report.verdict == ModelVerdict::kPassed;
  std::string totals;
  std::int64_t cases = 0, failed = 0, elements = 0;
  for (const ModelReport& model : report.models) {
    const Totals of_model = TotalsOf(model);
    cases += of_model.cases;
    failed += of_model.failed_cases;
    elements += of_model.elements;
  }
  if (cases > 0) {
    totals = GroupedText(cases) + (cases == 1 ? " case" : " cases") + ", " + GroupedText(failed) + " failed · " +
             GroupedText(elements) + " elements compared";
  }
  return std::string("<header class=\"") + (good ? "good" : "bad") + "\"><h1>" + EscapeXml(Answer(report)) +
         "</h1><p>" + totals + "</p><p class=\"muted\">" + Environment(report) + "</p></header>\n";
}

double SlowestMilliseconds(const ModelReport& model) {
  if (model.measured.latency) return model.measured.latency->p50_ms;
  double slowest = 0;
  for (const auto& [name, milliseconds] : model.measured.case_ms) slowest = std::max(slowest, milliseconds);
  return slowest;
}

// `value` is what the column sorts by.
std::string SortableCell(double value, const std::string& text) {
  return "<td class=\"n\" data-value=\"" + NumberText(value, 9) + "\">" + text + "</td>";
}

std::string FleetRow(const Report& report, const ModelReport& model, const std::string& anchor) {
  const Totals totals = TotalsOf(model);
  const auto findings = FindingsOf(report, model.name);
  const auto failing = std::count_if(findings.begin(), findings.end(), [](const ReportedFinding* r) { return r->fails; });
  const std::int64_t bytes = model.files.empty() ? 0 : model.files.front().bytes;
  const double slowest = SlowestMilliseconds(model);
  return "<tr data-verdict=\"" + std::string(ModelVerdictName(model.verdict)) + "\"><td>" +
         VerdictBadge(model.verdict) + "</td><td><a href=\"#" + anchor + "\">" + EscapeXml(model.name) + "</a></td>" +
         SortableCell(static_cast<double>(failing), GroupedText(failing)) +
         SortableCell(static_cast<double>(totals.cases), GroupedText(totals.cases)) +
         SortableCell(totals.max_abs_error, totals.elements == 0 ? "" : ErrorText(totals.max_abs_error)) +
         SortableCell(slowest, slowest == 0 ? "" : DurationText(slowest)) +
         SortableCell(static_cast<double>(bytes), bytes == 0 ? "" : BytesText(static_cast<std::uint64_t>(bytes))) +
         "</tr>\n";
}

std::string VerdictChoices(const Report& report) {
  std::string text = "<option value=\"\">any</option>";
  for (ModelVerdict verdict : {ModelVerdict::kFailed, ModelVerdict::kCrashed, ModelVerdict::kNotDone,
                               ModelVerdict::kNothingChecked, ModelVerdict::kPassed}) {
    if (Count(report, verdict) == 0) continue;
    const std::string name(ModelVerdictName(verdict));
    text += "<option value=\"" + name + "\">" + name + " (" + std::to_string(Count(report, verdict)) + ")</option>";
  }
  return text;
}

std::string SortableHead(const std::string& attribute, const std::string& column) {
  return "<th scope=\"col\"" + attribute + " aria-sort=\"none\"><button type=\"button\" class=\"sort\">" + column +
         "</button></th>";
}

std::string FleetTable(const Report& report) {
  if (report.models.size() < 2) return "";
  std::string head = SortableHead("", "verdict") + SortableHead("", "model");
  for (const char* column : {"findings", "cases", "largest error", "slowest case", "size"}) {
    head += SortableHead(" class=\"n\"", column);
  }
  std::string rows;
  for (std::size_t i = 0; i < report.models.size(); ++i) {
    rows += FleetRow(report, report.models[i], "m" + std::to_string(i));
  }
  return "<section aria-labelledby=\"models\"><h2 id=\"models\">Models</h2><p class=\"filter\" hidden>"
         "<label>name <input id=\"filter-name\" type=\"search\" autocomplete=\"off\"></label> "
         "<label>verdict <select id=\"filter-verdict\">" + VerdictChoices(report) + "</select></label> "
         "<span id=\"shown\" role=\"status\"></span></p><table id=\"fleet\"><thead><tr>" + head +
         "</tr></thead><tbody>" + rows + "</tbody></table></section>\n";
}

std::string RunFindings(const Report& report) {
  std::string text;
  for (const ReportedFinding* reported : FindingsOf(report, "")) text += FindingCard(*reported, "");
  return text.empty() ? "" : "<section><h2>About the run</h2>" + text + "</section>\n";
}

std::string Models(const Report& report) {
  const auto all = std::ssize(report.models);
  const auto failed = all - Count(report, ModelVerdict::kPassed);
  std::string text;
  for (std::int64_t i = 0; i < all; ++i) {
    const ModelReport& model = report.models[i];
    const bool open = all <= kModelsOpen || (failed <= kModelsOpen && model.verdict != ModelVerdict::kPassed);
    text += ModelSection(report, model, "m" + std::to_string(i), open ? Unfolding::kOpen : Unfolding::kClosed);
  }
  return text;
}

}  // namespace

std::string RenderHtml(const Report& report) {
  const std::string title = Answer(report) + " · torchassay " + report.command;
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
         "script-src 'unsafe-inline'; img-src data:\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n<title>" + EscapeXml(title) + "</title>\n<style>" +
         std::string(kHtmlStyle) + "</style></head>\n<body>\n<a class=\"skip\" href=\"#content\">to the results</a>\n" +
         Header(report) + "<main id=\"content\">\n" + RunFindings(report) + FleetTable(report) + Models(report) +
         "</main>\n<script>" + std::string(kHtmlScript) + "</script>\n</body></html>\n";
}

}  // namespace torchassay
