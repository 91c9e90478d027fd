#include "validator/report/html_finding.h"

#include <algorithm>

#include "validator/report/finding_text.h"
#include "validator/report/html_parts.h"
#include "validator/report/markup.h"

namespace torchassay {
namespace {

Mark MarkOf(const ReportedFinding& reported) {
  if (reported.fails) return Mark::kFailed;
  if (reported.finding.verdict == Verdict::kRepaired) return Mark::kPassed;
  if (reported.finding.waived || reported.finding.severity == Severity::kNote) return Mark::kNote;
  return Mark::kWarning;
}

bool IsDropped(const Finding& finding, int line) {
  return std::find(finding.dropped_lines.begin(), finding.dropped_lines.end(), line) != finding.dropped_lines.end();
}

bool IsMarked(const Finding& finding, int line) {
  return finding.line && line >= *finding.line && line <= finding.end_line.value_or(*finding.line);
}

// Marks are words as well as colours, for those who do not see them.
std::string SourceRow(const Finding& finding, int number, const std::string& text) {
  const char* css_class = "";
  std::string mark;
  // What was repaired a trace would have done; the file that was written does not.
  const bool repaired = finding.verdict == Verdict::kRepaired;
  if (IsDropped(finding, number)) {
    css_class = repaired ? "" : " class=\"dropped\"";
    mark = repaired ? "a trace would drop this" : "dropped";
  } else if (IsMarked(finding, number)) {
    css_class = " class=\"marked\"";
    mark = "here";
    if (finding.baked && finding.baked->size() <= 24)
      mark += (repaired ? ", in a trace always " : ", always ") + *finding.baked;
  }
  // The indentation stays outside, so that a line which is struck out is struck from its first word.
  const std::size_t indent = std::min(text.find_first_not_of(" \t"), text.size());
  return std::string("<tr") + css_class + "><th scope=\"row\">" + std::to_string(number) + "</th><td>" +
         text.substr(0, indent) + "<code>" + EscapeXml(text.substr(indent)) + "</code></td><td class=\"mark\">" +
         EscapeXml(mark) + "</td></tr>\n";
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
  return "<div class=\"source\" tabindex=\"0\" role=\"group\" aria-label=\"Source\"><table><tbody>\n" + rows +
         "</tbody></table></div>\n";
}

std::string EvidenceList(const ReportedFinding& reported, const std::string& case_anchor) {
  TermList terms;
  for (const Evidence& evidence : AllEvidence(reported)) {
    std::string value = HtmlWithCode(evidence.text);
    if (!case_anchor.empty() && (evidence.label == "shown by" || evidence.label == "case")) {
      value = "<a href=\"#" + case_anchor + "\">" + value + "</a>";
    }
    terms.Add(EscapeXml(evidence.label), value);
  }
  return terms.Html("terms");
}

std::string Remark(const char* label, const std::string& text) {
  return text.empty() ? "" : std::string("<p class=\"remark\"><b>") + label + "</b> " + HtmlWithCode(text) + "</p>\n";
}

std::string Place(const ReportedFinding& reported, const std::string& case_anchor) {
  std::string place = HtmlWithCode(PlaceText(reported));
  if (!case_anchor.empty() && !reported.case_name.empty() && !reported.finding.file) {
    place = "<a href=\"#" + case_anchor + "\">" + place + "</a>";
  }
  if (reported.finding.verdict != Verdict::kFailed) {
    place += (place.empty() ? "" : " · ") + std::string(VerdictName(reported.finding.verdict));
  }
  if (reported.finding.waived) place += " · waived";
  return place.empty() ? "" : "<p class=\"place\">" + place + "</p>\n";
}

}  // namespace

std::string FindingCard(const ReportedFinding& reported, const std::string& case_anchor, int level) {
  const Finding& finding = reported.finding;
  const Mark mark = MarkOf(reported);
  std::string text = "<article class=\"finding " + std::string(MarkName(mark)) + "\">" +
                     Heading(level, Badge(mark, EscapeXml(finding.code)) + " " + HtmlWithCode(finding.message)) + "\n" +
                     Place(reported, case_anchor) + Source(reported) + EvidenceList(reported, case_anchor);
  for (const std::string& note : finding.notes) text += Remark("Note", note);
  text += Remark("Waived", finding.waived.value_or(""));
  return text + Remark("Help", finding.help) + "</article>\n";
}

}  // namespace torchassay
