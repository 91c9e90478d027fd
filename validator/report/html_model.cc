#include "validator/report/html_model.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "validator/base/strings.h"
#include "validator/report/html_finding.h"
#include "validator/report/html_output.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"
#include "validator/report/text.h"

namespace torchassay {
namespace {

const char* CssClass(ModelVerdict verdict) {
  switch (verdict) {
    case ModelVerdict::kPassed: return "good";
    case ModelVerdict::kNothingChecked: return "doubtful";
    case ModelVerdict::kFailed:
    case ModelVerdict::kNotDone:
    case ModelVerdict::kCrashed: return "bad";
  }
  return "bad";
}

std::string Folded(const std::string& title, const std::string& content, Unfolding unfolding) {
  if (content.empty()) return "";
  return std::string("<details class=\"part\"") + (unfolding == Unfolding::kOpen ? " open" : "") +
         "><summary><h3>" + title + "</h3></summary>" + content + "</details>\n";
}

std::string CaseAnchor(const ModelReport& model, const std::string& anchor, const std::string& case_name) {
  for (std::size_t i = 0; i < model.cases.size(); ++i) {
    if (model.cases[i].name == case_name) return anchor + "c" + std::to_string(i);
  }
  return "";
}

std::string Findings(const Report& report, const ModelReport& model, const std::string& anchor) {
  std::string failing, others;
  for (const ReportedFinding* reported : FindingsOf(report, model.name)) {
    const std::string& case_name = reported->finding.counterexample.value_or(reported->case_name);
    std::string& text = reported->fails ? failing : others;
    text += FindingCard(*reported, CaseAnchor(model, anchor, case_name));
  }
  return Folded("What fails", failing, Unfolding::kOpen) +
         Folded("Other findings", others, failing.empty() ? Unfolding::kOpen : Unfolding::kClosed);
}

std::string CaseDetails(const CaseReport& one, const std::string& anchor) {
  const auto failed = std::count_if(one.outputs.begin(), one.outputs.end(),
                                    [](const OutputReport& output) { return !output.passed; });
  std::string remark = CountText(std::ssize(one.outputs), "output");
  if (failed > 0) remark += ", " + std::to_string(failed) + " failed";
  std::string text = "<details class=\"case\" id=\"" + anchor + "\"" + (one.passed ? "" : " open") + "><summary>" +
                     PassedBadge(one.passed) + " <b>" + EscapeXml(one.name) + "</b> <span class=\"muted\">" +
                     EscapeXml(one.kind) + ", " + remark + "</span></summary>";
  if (!one.outputs.empty()) {
    text += "<table class=\"outputs\"><thead><tr><th scope=\"col\">verdict</th><th scope=\"col\">output</th>"
            "<th scope=\"col\">type</th><th scope=\"col\" class=\"n\">elements</th>"
            "<th scope=\"col\" class=\"n\">mismatched</th><th scope=\"col\" class=\"n\">largest error</th></tr></thead><tbody>" + OutputRows(one.outputs) +
            "</tbody></table>";
  }
  return text + "</details>\n";
}

std::string Cases(const ModelReport& model, const std::string& anchor) {
  std::string text;
  for (std::size_t i = 0; i < model.cases.size(); ++i) {
    text += CaseDetails(model.cases[i], anchor + "c" + std::to_string(i));
  }
  return text;
}

std::string ModuleRow(const ModuleReport& module, const ModelReport& model, std::int64_t total) {
  const std::size_t last_dot = module.path.rfind('.');
  const std::string name = module.path.empty() ? model.name : module.path.substr(last_dot == std::string::npos ? 0 : last_dot + 1);
  const auto depth = module.path.empty() ? 0 : 1 + std::count(module.path.begin(), module.path.end(), '.');
  const bool starts = model.error_starts_at == module.path;
  const int width = total == 0 ? 0 : static_cast<int>(std::lround(100.0 * static_cast<double>(module.bytes) / static_cast<double>(total)));
  return std::string("<tr") + (starts ? " class=\"marked\"" : "") + "><td style=\"padding-left:" +
         std::to_string(depth) + "em\" title=\"" + EscapeXml(module.path) + "\">" + EscapeXml(name) +
         (starts ? " <span class=\"badge bad\">the error starts here</span>" : "") + "</td><td class=\"muted\">" +
         EscapeXml(module.type) + "</td><td class=\"n\">" + GroupedText(module.parameters) + "</td><td class=\"n\">" +
         BytesText(static_cast<std::uint64_t>(module.bytes)) + "</td><td class=\"bar\"><i style=\"width:" +
         std::to_string(width) + "%\"></i></td></tr>\n";
}

std::string Modules(const ModelReport& model) {
  if (model.modules.empty()) return "";
  std::string rows;
  for (const ModuleReport& module : model.modules) rows += ModuleRow(module, model, model.modules.front().bytes);
  return "<table class=\"modules\"><thead><tr><th scope=\"col\">module</th><th scope=\"col\">class</th>"
         "<th scope=\"col\" class=\"n\">parameters</th><th scope=\"col\" class=\"n\">size</th><th scope=\"col\">share</th></tr></thead><tbody>" +
         rows + "</tbody></table>";
}

std::string TimeRow(const std::string& label, double milliseconds, double largest) {
  const int width = largest <= 0 ? 0 : static_cast<int>(std::lround(100 * milliseconds / largest));
  return "<tr><th scope=\"row\">" + EscapeXml(label) + "</th><td class=\"bar\"><i style=\"width:" +
         std::to_string(width) + "%\"></i></td><td class=\"n\">" + DurationText(milliseconds) + "</td></tr>";
}

std::vector<std::pair<std::string, double>> TimesOf(const Measurement& measured) {
  std::vector<std::pair<std::string, double>> times;
  if (measured.load_ms) times.emplace_back("load", *measured.load_ms);
  if (measured.latency) {
    const Latency& latency = *measured.latency;
    times.insert(times.end(), {{"first call", latency.first_ms},
                               {"p50", latency.p50_ms},
                               {"p90", latency.p90_ms},
                               {"p99", latency.p99_ms},
                               {"slowest", latency.max_ms}});
  }
  for (const auto& [name, milliseconds] : measured.case_ms) times.emplace_back("case " + name, milliseconds);
  return times;
}

std::string Times(const Measurement& measured) {
  const std::vector<std::pair<std::string, double>> times = TimesOf(measured);
  double largest = 0;
  for (const auto& [label, milliseconds] : times) largest = std::fmax(largest, milliseconds);
  std::string rows;
  for (const auto& [label, milliseconds] : times) rows += TimeRow(label, milliseconds, largest);
  if (rows.empty() && !measured.peak_bytes) return "";
  std::string text = "<table class=\"histogram\"><tbody>" + rows + "</tbody></table>";
  if (measured.peak_bytes) {
    text += "<p>At most " + BytesText(static_cast<std::uint64_t>(*measured.peak_bytes)) + " of memory.</p>";
  }
  return text;
}

std::string Files(const ModelReport& model) {
  if (model.files.empty()) return "";
  std::string rows;
  for (const FileReport& file : model.files) {
    rows += "<tr><td class=\"code\">" + EscapeXml(file.path) + "</td><td class=\"n\">" +
            BytesText(static_cast<std::uint64_t>(file.bytes)) + "</td><td class=\"code hash\">" +
            EscapeXml(file.sha256) + "</td></tr>";
  }
  return "<table><thead><tr><th scope=\"col\">file</th><th scope=\"col\" class=\"n\">size</th><th scope=\"col\">SHA-256</th></tr>"
         "</thead><tbody>" + rows + "</tbody></table>";
}

std::string Facts(const ModelReport& model) {
  std::string text;
  const auto add = [&](const std::string& label, const std::string& value) {
    if (!value.empty()) text += "<div><dt>" + EscapeXml(label) + "</dt><dd>" + HtmlWithCode(value) + "</dd></div>";
  };
  add("checked", CoverageText(model));
  add("source", model.origin.model);
  add("converted by", model.origin.mode);
  if (model.origin.faithful) add("converter says", *model.origin.faithful ? "faithful" : "not faithful");
  add("written with", model.origin.torch.empty() ? "" : "torch " + model.origin.torch);
  for (const Evidence& fact : model.facts) add(fact.label, fact.text);
  return text.empty() ? "" : "<dl class=\"stats\">" + text + "</dl>";
}

}  // namespace

std::string VerdictBadge(ModelVerdict verdict) {
  return std::string("<span class=\"badge ") + CssClass(verdict) + "\">" + std::string(ModelVerdictName(verdict)) +
         "</span>";
}

std::string ModelSection(const Report& report, const ModelReport& model, const std::string& anchor,
                         Unfolding unfolding) {
  const bool failed = model.verdict != ModelVerdict::kPassed;
  return std::string("<details class=\"model\" id=\"") + anchor + "\"" +
         (unfolding == Unfolding::kOpen ? " open" : "") + "><summary><h2>" + VerdictBadge(model.verdict) + " " +
         EscapeXml(model.name) + "</h2></summary>\n" + Facts(model) + Findings(report, model, anchor) +
         Folded("Cases and outputs", Cases(model, anchor), failed || model.cases.size() <= 8 ? Unfolding::kOpen : Unfolding::kClosed) +
         Folded("Modules", Modules(model), model.error_starts_at ? Unfolding::kOpen : Unfolding::kClosed) +
         Folded("Time and memory", Times(model.measured), Unfolding::kClosed) +
         Folded("Files", Files(model), Unfolding::kClosed) + "</details>\n";
}

}  // namespace torchassay
