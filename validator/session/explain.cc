#include "validator/session/explain.h"

#include "validator/base/catalogue.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

std::string Indented(const std::string& text) {
  std::string indented;
  bool at_start = true;
  for (char c : text) {
    if (at_start && c != '\n') indented += "    ";
    indented += c;
    at_start = c == '\n';
  }
  return indented.ends_with('\n') ? indented : indented + "\n";
}

std::string Example(const std::string& title, const std::string& code, const TerminalStyle& style) {
  if (code.empty()) return "";
  return "\n" + style.Paint(Emphasis::kStrong, title) + "\n\n" + Indented(code);
}

}  // namespace

Result<std::string> Explain(const std::string& code_or_name, const TerminalStyle& style) {
  const CatalogueEntry* entry = FindCode(code_or_name);
  if (entry == nullptr) {
    const std::optional<std::string> near = ClosestCode(code_or_name);
    return Status(StatusCode::kUsage, "", "unknown code " + Quote(code_or_name),
                  near ? "did you mean `" + *near + "`?" : "`torchassay explain` lists all codes");
  }
  std::string text = style.Paint(Emphasis::kStrong, entry->code + " (" + entry->name + "): " + entry->title);
  text += "\n\n" + entry->explanation;
  if (!text.ends_with('\n')) text += '\n';
  text += Example("Has it:", entry->bad, style);
  text += Example("Does not:", entry->good, style);
  return text;
}

std::string ListCodes(const TerminalStyle& style) {
  std::string text;
  for (const CatalogueEntry& entry : Catalogue()) {
    text += style.Paint(Emphasis::kStrong, entry.code) + "  " + entry.title + "\n";
  }
  return text;
}

}  // namespace torchassay
