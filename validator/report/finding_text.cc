#include "validator/report/finding_text.h"

#include <algorithm>
#include <cstddef>

#include "validator/base/strings.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

Emphasis EmphasisOf(Severity severity) {
  switch (severity) {
    case Severity::kError: return Emphasis::kError;
    case Severity::kWarning: return Emphasis::kWarning;
    case Severity::kNote: return Emphasis::kNote;
  }
  return Emphasis::kNote;
}

std::string HeadingText(Severity severity, const std::string& code, const std::string& message,
                        const TerminalStyle& style) {
  std::string label = SeverityName(severity);
  if (!code.empty()) label += "[" + code + "]";
  return style.Paint(EmphasisOf(severity), label) + style.Paint(Emphasis::kStrong, ": " + message) + "\n";
}

// Continuation lines stand below the first one's text.
std::string Indented(const std::string& text, std::size_t indent) {
  std::string indented;
  for (char c : text) {
    indented += c;
    if (c == '\n') indented += std::string(indent, ' ');
  }
  return indented;
}

std::string AdviceText(std::string_view label, const std::string& text, const TerminalStyle& style) {
  const std::string head = "   = " + std::string(label) + ": ";
  return "   " + style.Paint(Emphasis::kFaint, "=") + " " + std::string(label) + ": " + Indented(text, head.size()) +
         "\n";
}

std::string EvidenceText(const std::vector<Evidence>& evidence, const TerminalStyle& style) {
  std::size_t width = 10;
  for (const Evidence& one : evidence) width = std::max(width, one.label.size());
  std::string text;
  for (const Evidence& one : evidence) {
    const std::string label = one.label + std::string(width - one.label.size(), ' ');
    text += "   " + style.Paint(Emphasis::kFaint, label) + "   " + Indented(one.text, width + 6) + "\n";
  }
  return text;
}

// The line that the finding names, from the source where that is at hand; else the statement alone.
std::string NamedLine(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  if (reported.source) {
    const std::ptrdiff_t index = *finding.line - reported.source->first_line;
    if (index >= 0 && index < std::ssize(reported.source->lines)) return reported.source->lines[index];
  }
  return finding.statement.value_or("");
}

// Spaces as wide as `text`; tabs stay, so that a caret stands below its character.
std::string Blank(const std::string& text) {
  std::string blank;
  for (char c : text) blank += c == '\t' ? "\t" : (static_cast<unsigned char>(c) & 0xc0) == 0x80 ? "" : " ";
  return blank;
}

// Below the statement where it stands on `line`; "" where it does not.
std::string Carets(const std::string& line, const Finding& finding) {
  const std::string statement = finding.statement.value_or("");
  const std::size_t start = statement.empty() ? std::string::npos : line.find(statement);
  if (start == std::string::npos || line == statement) return "";
  return Blank(line.substr(0, start)) + std::string(Blank(statement).size(), '^');
}

std::string SourceText(const ReportedFinding& reported, const TerminalStyle& style) {
  const Finding& finding = reported.finding;
  if (!finding.line) return "";
  const std::string line = NamedLine(reported);
  if (line.empty()) return "";
  const std::string number = std::to_string(*finding.line);
  const std::string margin(number.size(), ' ');
  std::string text = style.Paint(Emphasis::kFaint, number + " |") + " " + Indented(line, number.size() + 3) + "\n";
  if (const std::string carets = Carets(line, finding); !carets.empty()) {
    text = style.Paint(Emphasis::kFaint, margin + " |") + "\n" + text + style.Paint(Emphasis::kFaint, margin + " |") +
           " " + style.Paint(EmphasisOf(finding.severity), carets) + "\n";
  }
  return text;
}

std::string NamesText(const ReportedFinding& reported) {
  std::string text = OneLine(reported.model);
  if (!reported.case_name.empty()) text += ": case `" + OneLine(reported.case_name) + "`";
  return text + CallSuffix(reported.output);
}

}  // namespace

std::string LinesText(const std::vector<int>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t last = i;
    while (last + 1 < lines.size() && lines[last + 1] == lines[last] + 1) ++last;
    if (!text.empty()) text += ", ";
    text += std::to_string(lines[i]);
    if (last > i) text += "-" + std::to_string(lines[last]);
    i = last + 1;
  }
  return text;
}

std::string PlaceText(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  if (!finding.file) return finding.subject.empty() ? NamesText(reported) : OneLine(finding.subject);
  std::string text = OneLine(*finding.file);
  if (finding.line) text += ":" + std::to_string(*finding.line);
  if (finding.line && finding.column) text += ":" + std::to_string(*finding.column);
  if (finding.function) text += " in `" + OneLine(*finding.function) + "`";
  if (!finding.module.empty()) text += ", submodule `" + OneLine(finding.module) + "`";
  return text;
}

std::string SourcePath(const ReportedFinding& reported) {
  return reported.source && !reported.source->path.empty() ? reported.source->path : *reported.finding.file;
}

std::vector<Evidence> AllEvidence(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  std::vector<Evidence> evidence = finding.evidence;
  if (finding.baked) evidence.push_back({"baked", *finding.baked});
  if (!finding.dropped_lines.empty()) {
    const char* noun = finding.dropped_lines.size() == 1 ? "line " : "lines ";
    evidence.push_back({"dropped", noun + LinesText(finding.dropped_lines)});
  }
  if (finding.counterexample) {
    std::string text = "case `" + OneLine(*finding.counterexample) + "`";
    if (finding.max_abs_error) text += ", largest error " + ErrorText(*finding.max_abs_error);
    evidence.push_back({finding.verdict == Verdict::kProved ? "shown by" : "case", text});
  }
  return evidence;
}

std::string FindingText(const ReportedFinding& reported, const TerminalStyle& style) {
  const Finding& finding = reported.finding;
  std::string text = HeadingText(finding.severity, finding.code, Indented(finding.message, 2), style);
  if (const std::string place = PlaceText(reported); !place.empty()) {
    text += "  " + style.Paint(Emphasis::kFaint, "-->") + " " + place + "\n";
  }
  text += SourceText(reported, style);
  text += EvidenceText(AllEvidence(reported), style);
  for (const std::string& note : finding.notes) text += AdviceText("note", note, style);
  if (finding.waived) text += AdviceText("note", "waived: " + *finding.waived, style);
  if (!finding.help.empty()) text += AdviceText("help", finding.help, style);
  return style.Printable(text);
}

std::string StatusText(const Status& status, const TerminalStyle& style) {
  std::string text = HeadingText(Severity::kError, status.finding_code(), status.message(), style);
  if (!status.help().empty()) text += AdviceText("help", status.help(), style);
  return style.Printable(text);
}

}  // namespace torchassay
