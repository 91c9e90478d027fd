#include "validator/base/text_position.h"

#include <algorithm>

namespace torchassay {
namespace {

constexpr std::size_t kShownBefore = 50;  // bytes of a long line shown before the place
constexpr std::size_t kShownAfter = 30;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t CharacterCount(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), IsContinuation));
}

std::size_t LineStart(std::string_view text, std::size_t offset) {
  if (offset == 0) return 0;
  const std::size_t newline = text.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

// Tabs and control characters become blanks, so that the caret stands right.
std::string Printable(std::string_view text) {
  std::string printable(text);
  for (char& c : printable) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return printable;
}

}  // namespace

TextPosition PositionOf(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  TextPosition position;
  position.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  position.column += static_cast<int>(CharacterCount(before.substr(LineStart(text, offset))));
  return position;
}

std::string CaretExcerpt(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  std::size_t start = LineStart(text, offset);
  std::size_t end = std::min(text.find('\n', offset), text.size());
  const bool cut_before = offset - start > kShownBefore;
  const bool cut_after = end - offset > kShownAfter;
  if (cut_before) start = offset - kShownBefore;
  if (cut_after) end = offset + kShownAfter;
  while (cut_before && start < offset && IsContinuation(text[start])) ++start;
  while (cut_after && end > offset && IsContinuation(text[end])) --end;

  std::string number = std::to_string(PositionOf(text, offset).line);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, ' ');
  const std::string lead = cut_before ? "…" : "";
  const std::size_t blanks = CharacterCount(text.substr(start, offset - start)) + (cut_before ? 1 : 0);
  return number + " | " + lead + Printable(text.substr(start, end - start)) + (cut_after ? "…" : "") + "\n" +
         std::string(number.size(), ' ') + " | " + std::string(blanks, ' ') + "^";
}

}  // namespace torchassay
