#include "validator/report/terminal_style.h"

namespace torchassay {
namespace {

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

}  // namespace

std::string TerminalStyle::Paint(Emphasis emphasis, std::string_view text) const {
  if (colours_ == Colours::kNever || text.empty()) return std::string(text);
  return std::string(Sequence(emphasis)) + std::string(text) + "\x1b[0m";
}

}  // namespace torchassay
