#include "validator/report/inspect_code.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "validator/report/text_table.h"

namespace torchassay {
namespace {

constexpr std::size_t kPlaceColumn = 80;  // where places stand, unless the code reaches further

std::string PlaceOf(const Method& method, int line) {
  const auto at =
      std::find_if(method.places.begin(), method.places.end(), [&](const auto& place) { return place.first == line; });
  if (at == method.places.end()) return "";
  return at->second.file + ":" + std::to_string(at->second.line);
}

// The method's lines behind `indent`, each with its place; a place is not repeated on the next line.
std::string MethodText(const Method& method, const std::string& indent) {
  std::string text;
  std::string shown;
  int number = 0;
  for (std::string_view rest = method.code; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string line = indent + std::string(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string place = PlaceOf(method, number);
    if (!place.empty() && place != shown) {
      const std::size_t width = TextWidth(line);
      line += std::string(width < kPlaceColumn ? kPlaceColumn - width : 2, ' ') + "# " + place;
      shown = place;
    }
    text += line + "\n";
  }
  return text;
}

// Without its header, names plain.
std::string BodyText(const Method& method) {
  std::string text;
  std::string_view rest = method.code;
  const std::size_t header = rest.find(":\n", rest.find(')') == std::string_view::npos ? 0 : rest.find(')'));
  if (header != std::string_view::npos) rest.remove_prefix(header + 2);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text += "  " + DemangledName(std::string(rest.substr(0, end))) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return text;
}

}  // namespace

std::string CodeText(const ArchiveSummary& archive) {
  std::string text;
  for (const ClassCode& code : archive.classes) {
    text += "# class " + code.name + (code.kind.empty() ? "" : "(" + code.kind + ")") + "\n";
    for (const Method& method : code.methods) text += MethodText(method, "  ") + "\n";
  }
  for (const Method& function : archive.functions) {
    text += "# function " + function.name + "\n" + MethodText(function, "  ") + "\n";
  }
  return text;
}

std::string GraphText(const ArchiveSummary& archive) {
  std::string text;
  std::set<std::string> shown;
  for (const ModuleNode& node : archive.modules) {
    const ClassCode* code = archive.FindClass(node.type);
    if (code == nullptr) continue;
    const std::string path = node.path.empty() ? "(root)" : node.path;
    if (!shown.insert(node.type).second) {
      text += path + ": " + node.class_name + ", as above\n\n";
      continue;
    }
    for (const Method& method : code->methods) {
      text += path + ": " + node.class_name + "." + method.Schema() + "\n" + BodyText(method) + "\n";
    }
  }
  for (const Method& function : archive.functions) {
    text += "function " + function.Schema() + "\n" + BodyText(function) + "\n";
  }
  return text;
}

}  // namespace torchassay
