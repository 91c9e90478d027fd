#include "validator/report/terminal_style.h"

#include <algorithm>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::string_view kPlain = "\x1b[0m";

std::string_view Sequence(Emphasis emphasis) {
  switch (emphasis) {
    case Emphasis::kError: return "\x1b[1;31m";
    case Emphasis::kWarning: return "\x1b[1;33m";
    case Emphasis::kNote: return "\x1b[1;36m";
    case Emphasis::kGood: return "\x1b[1;32m";
    case Emphasis::kStrong: return "\x1b[1m";
    case Emphasis::kFaint: return "\x1b[2m";
  }
  return "";
}

// The escape sequence of Paint's that `text` begins with; "" where it is none.
std::string_view OwnSequence(std::string_view text) {
  for (const Emphasis emphasis :
       {Emphasis::kError, Emphasis::kWarning, Emphasis::kNote, Emphasis::kGood, Emphasis::kStrong, Emphasis::kFaint}) {
    if (text.starts_with(Sequence(emphasis))) return Sequence(emphasis);
  }
  return text.starts_with(kPlain) ? kPlain : std::string_view();
}

bool IsCommand(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line.starts_with("::") || line.starts_with("##[");
}

}  // namespace

std::string TerminalStyle::Printable(std::string_view text) const {
  std::string printable;
  bool starts = true;
  while (!text.empty()) {
    if (starts && IsCommand(text)) printable += '\\';
    const std::string_view own = colours_ == Colours::kNever ? std::string_view() : OwnSequence(text);
    const std::size_t bytes = own.empty() ? FirstCharacter(text).bytes : own.size();
    const bool stays = !own.empty() || text[0] == '\n' || text[0] == '\t';
    printable += stays ? std::string(text.substr(0, bytes)) : OneLine(text.substr(0, bytes));
    starts = text[0] == '\n';
    text.remove_prefix(bytes);
  }
  return printable;
}

std::string TerminalStyle::Paint(Emphasis emphasis, std::string_view text) const {
  if (colours_ == Colours::kNever || text.empty()) return std::string(text);
  return std::string(Sequence(emphasis)) + std::string(text) + std::string(kPlain);
}

}  // namespace torchassay
