// TerminalStyle: emphasis in text output, or none of it.

#ifndef VALIDATOR_REPORT_TERMINAL_STYLE_H_
#define VALIDATOR_REPORT_TERMINAL_STYLE_H_

#include <string>
#include <string_view>

namespace torchassay {

// Whether text may carry terminal colours. Only the command line knows.
enum class Colours { kNever, kAlways };

enum class Emphasis { kError, kWarning, kNote, kGood, kStrong, kFaint };

class TerminalStyle final {
 public:
  explicit TerminalStyle(Colours colours) : colours_(colours) {}

  // `text` between the escape sequences of `emphasis`, or as it is.
  std::string Paint(Emphasis emphasis, std::string_view text) const;

  // Text with names and messages out of files, safe to show: lines, tabs and what Paint wrote stay, and whatever else
  // could steer a terminal is spelled out, see OneLine. A line that a CI service would take for a command ("::error …")
  // gets a backslash before it.
  std::string Printable(std::string_view text) const;

 private:
  Colours colours_;
};

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_TERMINAL_STYLE_H_
