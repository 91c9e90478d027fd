#include "validator/archive/code_text.h"

#include <algorithm>

namespace torchassay {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool Opens(char c) { return c == '(' || c == '[' || c == '{'; }
bool Closes(char c) { return c == ')' || c == ']' || c == '}'; }
bool Quotes(char c) { return c == '"' || c == '\''; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

char Unescaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    default: return c;
  }
}

}  // namespace

std::size_t SkipString(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return text.size();
}

std::size_t ClosingBracket(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < text.size();) {
    if (Quotes(text[i])) {
      i = SkipString(text, i);
      continue;
    }
    if (Opens(text[i])) ++depth;
    if (Closes(text[i]) && --depth <= 0) return i;
    ++i;
  }
  return kNone;
}

std::size_t FindOutside(std::string_view text, char wanted, std::size_t at) {
  for (std::size_t i = at; i < text.size();) {
    if (text[i] == wanted) return i;
    if (Quotes(text[i])) {
      i = SkipString(text, i);
    } else if (Opens(text[i])) {
      i = ClosingBracket(text, i);
      if (i == kNone) return kNone;
      ++i;
    } else {
      ++i;
    }
  }
  return kNone;
}

std::vector<std::string_view> SplitArguments(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(FindOutside(text, ',', start), text.size());
    parts.push_back(Trim(text.substr(start, comma - start)));
    start = comma + 1;
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string Unquote(std::string_view literal) {
  if (literal.size() < 2 || !Quotes(literal.front())) return std::string(literal);
  std::string text;
  for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
    const bool escape = literal[i] == '\\' && i + 2 < literal.size();
    text += escape ? Unescaped(literal[++i]) : literal[i];
  }
  return text;
}

}  // namespace torchassay
