#include "validator/runner/error_text.h"

#include <cstdlib>
#include <vector>

#include "validator/base/file.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kHere = "<--- HERE";

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

// `  File "a/b.py", line 8, in forward`
bool ReadPlace(std::string_view line, ErrorFact& fact) {
  const std::size_t open = line.find("File \"");
  if (open == std::string_view::npos) return false;
  const std::size_t close = line.find('"', open + 6);
  const std::size_t number = line.find(", line ", open);
  if (close == std::string_view::npos || number == std::string_view::npos) return false;
  const std::string path(line.substr(open + 6, close - open - 6));
  fact.file = path.starts_with("code/") ? path : BaseName(path);
  fact.line = std::atoi(std::string(line.substr(number + 7)).c_str());
  const std::size_t in = line.find(", in ", number);
  fact.function = in == std::string_view::npos ? "" : std::string(Trim(line.substr(in + 5)));
  return true;
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

// A stack's innermost place: the last `File` and the last marked statement of its last part.
void ReadStack(std::string_view stack, ErrorFact& fact) {
  const std::vector<std::string_view> lines = Lines(stack);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ReadPlace(lines[i], fact);
    if (lines[i].find(kHere) != std::string_view::npos) fact.statement = StatementAbove(lines, i);
  }
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

// Where the reason begins: the first unindented line after the stack.
std::size_t ReasonStart(std::string_view text) {
  const std::size_t here = text.rfind(kHere);
  const std::size_t place = text.rfind("  File \"");
  std::size_t at = here != std::string_view::npos ? here : place;
  while (at != std::string_view::npos) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return text.size();
    ++at;
    if (at < text.size() && kSpace.find(text[at]) == std::string_view::npos) return at;
  }
  return 0;
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
  ReadStack(text.substr(stack, reason - stack), fact);
  fact.reason = Plain(ReadReason(text.substr(reason)));
  return fact;
}

std::string FactText(const ErrorFact& fact) {
  std::string place;
  if (!fact.file.empty()) place = fact.file + (fact.line > 0 ? ":" + std::to_string(fact.line) : "");
  if (!fact.statement.empty()) place += (place.empty() ? "" : ": ") + Quote(fact.statement);
  return place.empty() ? fact.reason : fact.reason + " (" + place + ")";
}

bool SpeaksOfMemory(std::string_view text) {
  return text.find("can't allocate memory") != std::string_view::npos ||
         text.find("not enough memory") != std::string_view::npos ||
         text.find("out of memory") != std::string_view::npos || text.find("bad_alloc") != std::string_view::npos;
}

}  // namespace torchassay
