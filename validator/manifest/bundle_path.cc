#include "validator/manifest/bundle_path.h"

#include <cctype>

namespace torchassay {

std::string WhyOutside(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.front() == '/') return "is absolute";
  if (path.size() > 1 && path[1] == ':' && std::isalpha(static_cast<unsigned char>(path[0]))) return "is absolute";
  for (const char c : path) {
    if (c == '\\') return "has a backslash";
    if (static_cast<unsigned char>(c) < 0x20) return "has a control character";
  }
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (part == "..") return "leaves the bundle with `..`";
    if (part.empty() || part == ".") return "has an empty part or a `.`";
    path.remove_prefix(part.size());
    if (path == "/") return "ends with a slash";
    if (!path.empty()) path.remove_prefix(1);
  }
  return "";
}

}  // namespace torchassay
