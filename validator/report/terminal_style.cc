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
  const auto keep = [&](std::size_t bytes) {
    printable += text.substr(0, bytes);
    text.remove_prefix(bytes);
  };
  for (bool starts = true; !text.empty();) {
    if (starts && IsCommand(text)) printable += '\\';
    starts = text[0] == '\n';
    const std::string_view own = colours_ == Colours::kNever ? std::string_view() : OwnSequence(text);
    if (!own.empty()) {
      keep(own.size());
    } else if (text[0] == '\n' || text[0] == '\t') {
      keep(1);
    } else {
      const std::size_t end = std::min(text.find_first_of("\n\t\x1b", 1), text.size());
      printable += OneLine(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  return printable;
}

std::string TerminalStyle::Paint(Emphasis emphasis, std::string_view text) const {
  if (colours_ == Colours::kNever || text.empty()) return std::string(text);
  return std::string(Sequence(emphasis)) + std::string(text) + std::string(kPlain);
}

}  // namespace torchassay
