#include "validator/runner/error_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kHere = "<--- HERE";
constexpr std::size_t kLongestReason = 2000;

std::string_view Trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// Everything before the first of the marks at which C++ frames begin.
std::string_view WithoutBacktrace(std::string_view text) {
  for (const std::string_view mark : {"\nException raised from ", " (function operator()", "\nC++ CapturedTraceback:",
                                      " This is an internal miniz error.", "\nCould not find any similar ops"}) {
    text = text.substr(0, text.find(mark));
  }
  return text;
}

// The line before the one that points at the place.
std::string StatementAbove(const std::vector<std::string_view>& lines, std::size_t here) {
  for (std::size_t i = here; i-- > 0;) {
    const std::string_view line = Trim(lines[i]);
    if (line.empty() || line.find_first_not_of("~ ") == std::string_view::npos) continue;
    return std::string(line);
  }
  return "";
}

// The frames of a stack, the innermost first. Scripted frames come one by one, the outermost first; a traced operator
// brings its whole stack, the innermost first.
std::vector<SourceFrame> ReadFrames(std::string_view stack) {
  std::vector<SourceFrame> frames;
  const std::vector<std::string_view> lines = Lines(stack);
  std::size_t traced = 0;  // frames of the traced stack that is being read
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (std::optional<SourceFrame> frame = ParseTracedFrame(lines[i])) {
      frames.insert(frames.begin() + static_cast<std::ptrdiff_t>(traced++), *std::move(frame));
      continue;
    }
    traced = 0;
    if (std::optional<SourceFrame> frame = ParseScriptedFrame(lines[i])) {
      frames.insert(frames.begin(), *std::move(frame));
    } else if (lines[i].find(kHere) != std::string_view::npos && !frames.empty()) {
      frames.front().statement = StatementAbove(lines, i);
    }
  }
  return frames;
}

// `RuntimeError: size mismatch …` without its class; a class of the user's own says something and stays.
std::string ReadReason(std::string_view text) {
  std::string_view reason = Trim(text);
  for (const std::string_view prefix :
       {"RuntimeError: ", "torch.jit.Error: ", "c10::Error: ", "c10::NotImplementedError: ", "builtins."}) {
    if (reason.starts_with(prefix)) reason.remove_prefix(prefix.size());
  }
  const std::size_t enforced = reason.starts_with("[enforce fail at") ? reason.find("] ") : std::string_view::npos;
  if (enforced != std::string_view::npos) reason.remove_prefix(enforced + 2);
  reason = Trim(reason);
  if (reason.ends_with('.')) reason.remove_suffix(1);
  return std::string(reason);
}

bool IsOfStack(std::string_view line) {
  return line.find(kHere) != std::string_view::npos || ParseTracedFrame(line) || ParseScriptedFrame(line);
}

// Where the reason begins: the first line after the stack that is not indented.
std::size_t ReasonStart(std::string_view text) {
  const std::vector<std::string_view> lines = Lines(text);
  const auto last = std::find_if(lines.rbegin(), lines.rend(), IsOfStack);
  if (last == lines.rend()) return 0;
  const auto reason = std::find_if(last.base(), lines.end(), [](std::string_view line) {
    return !line.empty() && kSpace.find(line[0]) == std::string_view::npos;
  });
  return reason == lines.end() ? text.size() : static_cast<std::size_t>(reason->data() - text.data());
}

// Internal names of LibTorch that mean nothing to a reader, and a single line.
std::string Plain(std::string text) {
  for (const std::string_view noise : {"c10::", "at::native::", "at::"}) {
    for (std::size_t at = text.find(noise); at != std::string::npos; at = text.find(noise, at)) {
      text.erase(at, noise.size());
    }
  }
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

ErrorFact CutError(std::string_view text) {
  ErrorFact fact;
  text = WithoutBacktrace(text);
  constexpr std::string_view kOriginal = "Traceback of TorchScript, original code";
  constexpr std::string_view kStack = "Traceback of TorchScript";
  const std::size_t original = text.rfind(kOriginal);
  const std::size_t stack = original != std::string_view::npos ? original : text.rfind(kStack);
  if (stack == std::string_view::npos) {
    fact.reason = Plain(ReadReason(text));
    return fact;
  }
  const std::size_t reason = stack + ReasonStart(text.substr(stack));
  fact.frames = ReadFrames(text.substr(stack, reason - stack));
  fact.reason = Plain(ReadReason(text.substr(reason)));
  return fact;
}

std::string FactText(const ErrorFact& fact) {
  const std::string reason = Shortened(fact.reason, kLongestReason);
  if (fact.frames.empty()) return reason;
  const std::size_t own = AuthorsFrame(fact.frames);
  std::string place = FrameText(fact.frames[own]);
  if (!fact.frames[own].statement.empty()) place += ": " + Quote(fact.frames[own].statement);
  if (own > 0) place += ", in " + FrameText(fact.frames[0]);
  return reason + " (" + place + ")";
}

std::string MemoryText(std::string_view text) {
  constexpr std::string_view kAsked = "tried to allocate ";
  ErrorFact fact = CutError(text);
  const std::size_t asked = fact.reason.find(kAsked);
  std::uint64_t bytes = 0;
  const char* digits = asked == std::string::npos ? nullptr : fact.reason.data() + asked + kAsked.size();
  const char* end = fact.reason.data() + fact.reason.size();
  const std::string asked_more = "the model asked for more memory than there is";
  if (fact.reason.find("bad_alloc") != std::string::npos) return asked_more;
  if (digits != nullptr && std::from_chars(digits, end, bytes).ec == std::errc()) {
    fact.reason = BytesText(bytes) + " at once";
  }
  return asked_more + ": " + FactText(fact);
}

bool SpeaksOfMemory(std::string_view text) {
  return text.find("can't allocate memory") != std::string_view::npos ||
         text.find("not enough memory") != std::string_view::npos ||
         text.find("out of memory") != std::string_view::npos || text.find("bad_alloc") != std::string_view::npos;
}

}  // namespace torchassay
