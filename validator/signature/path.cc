#include "validator/signature/path.h"

#include <cstdlib>
#include <string>

#include "validator/signature/scanner.h"

namespace torchassay {
namespace {

constexpr std::size_t kDeepest = 100;  // steps of a path, as of JSON

std::optional<DictKey> ScanNumberKey(Scanner& scanner) {
  const std::optional<std::string> text = scanner.Number();
  if (!text) return std::nullopt;
  if (text->find_first_of(".eE") != std::string::npos) return std::strtod(text->c_str(), nullptr);
  return static_cast<std::int64_t>(std::strtoll(text->c_str(), nullptr, 10));
}

// What stands in brackets: an index, a text, true or false.
std::optional<DictKey> ScanBracketKey(Scanner& scanner) {
  std::optional<DictKey> key;
  if (scanner.Peek() == '"') {
    if (auto text = scanner.Quoted()) key = *std::move(text);
  } else if (auto word = scanner.Word()) {
    if (*word == "true" || *word == "false") key = *word == "true";
  } else {
    key = ScanNumberKey(scanner);
  }
  return scanner.Take("]") ? key : std::nullopt;
}

std::optional<DictKey> ScanStep(Scanner& scanner, const std::vector<DictKey>& before) {
  if (scanner.Take("[")) return ScanBracketKey(scanner);
  if (!before.empty() && !scanner.Take(".")) return std::nullopt;
  std::optional<std::string> word = scanner.Word();
  if (!word) return std::nullopt;
  return DictKey(*std::move(word));
}

}  // namespace

std::optional<std::vector<DictKey>> SplitPath(std::string_view path) {
  Scanner scanner(path);
  std::vector<DictKey> steps;
  while (scanner.Peek() != '\0') {
    const std::optional<DictKey> step = ScanStep(scanner, steps);
    if (!step || steps.size() == kDeepest) return std::nullopt;
    steps.push_back(*step);
  }
  if (steps.empty() || scanner.failed()) return std::nullopt;
  return steps;
}

}  // namespace torchassay
