#include "validator/report/html_finding.h"

#include <algorithm>

#include "validator/report/finding_text.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

const char* CssClass(const ReportedFinding& reported) {
  if (reported.fails) return "bad";
  return reported.finding.severity == Severity::kWarning ? "doubtful" : "plain";
}

bool IsDropped(const Finding& finding, int line) {
  return std::find(finding.dropped_lines.begin(), finding.dropped_lines.end(), line) !=
         finding.dropped_lines.end();
}

bool IsMarked(const Finding& finding, int line) {
  return finding.line && line >= *finding.line && line <= finding.end_line.value_or(*finding.line);
}

// Marks are words as well as colours, for those who do not see them.
std::string SourceRow(const Finding& finding, int number, const std::string& text) {
  const char* css_class = "";
  const char* mark = "";
  if (IsDropped(finding, number)) {
    css_class = " class=\"dropped\"";
    mark = "dropped";
  } else if (IsMarked(finding, number)) {
    css_class = " class=\"marked\"";
    mark = "here";
  }
  // The indentation stays outside, so that a line which is struck out is struck from its first word.
  const std::size_t indent = std::min(text.find_first_not_of(" \t"), text.size());
  return std::string("<tr") + css_class + "><td class=\"n\">" + std::to_string(number) + "</td><td>" +
         text.substr(0, indent) + "<code>" + EscapeXml(text.substr(indent)) + "</code></td><td class=\"mark\">" + mark + "</td></tr>";
}

std::string Source(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  std::string rows;
  if (reported.source) {
    for (std::size_t i = 0; i < reported.source->lines.size(); ++i) {
      rows += SourceRow(finding, reported.source->first_line + static_cast<int>(i), reported.source->lines[i]);
    }
  } else if (finding.statement && finding.line) {
    rows = SourceRow(finding, *finding.line, *finding.statement);
  }
  if (rows.empty()) return "";
  return "<div class=\"source\" tabindex=\"0\" role=\"region\" aria-label=\"Source\"><table><tbody>" + rows +
         "</tbody></table></div>";
}

std::string EvidenceList(const ReportedFinding& reported, const std::string& case_anchor) {
  std::string text;
  for (const Evidence& evidence : AllEvidence(reported)) {
    std::string value = HtmlWithCode(evidence.text);
    if (!case_anchor.empty() && (evidence.label == "proved by" || evidence.label == "case")) {
      value = "<a href=\"#" + case_anchor + "\">" + value + "</a>";
    }
    text += "<div><dt>" + EscapeXml(evidence.label) + "</dt><dd>" + value + "</dd></div>";
  }
  return text.empty() ? "" : "<dl class=\"evidence\">" + text + "</dl>";
}

std::string Remark(const char* label, const std::string& text) {
  return text.empty() ? "" : std::string("<p class=\"remark\"><b>") + label + "</b> " + HtmlWithCode(text) + "</p>";
}

}  // namespace

std::string FindingCard(const ReportedFinding& reported, const std::string& case_anchor) {
  const Finding& finding = reported.finding;
  std::string text = std::string("<article class=\"finding ") + CssClass(reported) + "\"><h4>" +
                     "<span class=\"badge " + CssClass(reported) + "\">" + EscapeXml(finding.code) + "</span> " +
                     HtmlWithCode(finding.message) + "</h4>";
  std::string place = HtmlWithCode(PlaceText(reported));
  if (finding.verdict != Verdict::kFailed) place += (place.empty() ? "" : " · ") + std::string(VerdictName(finding.verdict));
  if (finding.waived) place += " · waived";
  if (!place.empty()) text += "<p class=\"place\">" + place + "</p>";
  text += Source(reported) + EvidenceList(reported, case_anchor);
  for (const std::string& note : finding.notes) text += Remark("note", note);
  text += Remark("waived", finding.waived.value_or(""));
  return text + Remark("help", finding.help) + "</article>\n";
}

}  // namespace torchassay
