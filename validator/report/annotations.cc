#include "validator/report/annotations.h"

#include <string_view>
#include <vector>

#include "validator/base/catalogue.h"
#include "validator/base/strings.h"
#include "validator/report/finding_text.h"

namespace torchassay {
namespace {

// A workflow command is one line, and its data are what follows the second `::`.
std::string EscapeData(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t bytes = FirstCharacter(text).bytes;
    switch (text[0]) {
      case '%': escaped += "%25"; break;
      case '\r': escaped += "%0D"; break;
      case '\n': escaped += "%0A"; break;
      default: escaped += OneLine(text.substr(0, bytes));
    }
    text.remove_prefix(bytes);
  }
  return escaped;
}

// Properties are also divided by commas, and ended by a colon.
std::string EscapeProperty(std::string_view text) {
  std::string escaped;
  for (char c : EscapeData(text)) {
    switch (c) {
      case ':': escaped += "%3A"; break;
      case ',': escaped += "%2C"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string Title(const ReportedFinding& reported) {
  const CatalogueEntry* entry = FindCode(reported.finding.code);
  std::string title = reported.finding.code;
  if (entry != nullptr) title += " (" + entry->name + ")";
  return reported.model.empty() ? title : title + " in " + reported.model;
}

std::string Properties(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  std::string text = "title=" + EscapeProperty(Title(reported));
  if (!finding.file) return text;
  text += ",file=" + EscapeProperty(SourcePath(reported));
  if (finding.line && *finding.line > 0) {
    text += ",line=" + std::to_string(*finding.line);
    if (finding.end_line && *finding.end_line > *finding.line) text += ",endLine=" + std::to_string(*finding.end_line);
    if (finding.column) text += ",col=" + std::to_string(*finding.column);
  }
  return text;
}

std::string Message(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  std::string text = finding.message;
  if (const std::string place = PlaceText(reported); !place.empty()) text += "\n" + place;
  for (const Evidence& evidence : AllEvidence(reported)) text += "\n" + evidence.label + ": " + evidence.text;
  for (const std::string& note : finding.notes) text += "\nnote: " + note;
  if (!finding.help.empty()) text += "\nhelp: " + finding.help;
  return text;
}

bool IsWarning(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  return !reported.fails && !finding.waived && finding.severity == Severity::kWarning &&
         (finding.verdict == Verdict::kPossible || finding.verdict == Verdict::kFailed);
}

std::string Lines(std::string_view command, const std::vector<const ReportedFinding*>& findings) {
  std::string text;
  int count = 0;
  for (const ReportedFinding* reported : findings) {
    if (++count > kAnnotationsShown) break;
    text += "::" + std::string(command) + " " + Properties(*reported) + "::" + EscapeData(Message(*reported)) + "\n";
  }
  return text;
}

}  // namespace

std::string RenderAnnotations(const Report& report) {
  std::vector<const ReportedFinding*> errors, warnings;
  for (const ReportedFinding& reported : report.findings) {
    if (reported.fails) errors.push_back(&reported);
    if (IsWarning(reported)) warnings.push_back(&reported);
  }
  return Lines("error", errors) + Lines("warning", warnings);
}

}  // namespace torchassay
