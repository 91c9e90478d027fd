#include "validator/signature/scanner.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace torchassay {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c); }

// The end of the digits that start at `from`.
std::size_t DigitsEnd(std::string_view text, std::size_t from) {
  while (from < text.size() && IsDigit(text[from])) ++from;
  return from;
}

// The end of the number that starts at `from`, or `from` where there is none.
std::size_t NumberEnd(std::string_view text, std::size_t from) {
  std::size_t at = from;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  std::size_t end = DigitsEnd(text, at);
  if (end == at) return from;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = DigitsEnd(text, end + 1);
    if (fraction > end + 1) end = fraction;
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) ++exponent;
    const std::size_t exponent_end = DigitsEnd(text, exponent);
    if (exponent_end > exponent) end = exponent_end;
  }
  return end;
}

std::optional<char> Unescape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case '"': return '"';
    case '\\': return '\\';
    default: return std::nullopt;
  }
}

}  // namespace

bool IsIdentifier(std::string_view text) {
  return !text.empty() && IsWordStart(text[0]) && std::all_of(text.begin(), text.end(), IsWordPart);
}

bool IsDigits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit); }

void Scanner::Fail(std::string message, std::string help) { FailAt(position_, std::move(message), std::move(help)); }

void Scanner::FailAt(std::size_t at, std::string message, std::string help) {
  if (failed()) return;
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const std::string_view before = text_.substr(0, at);
  const auto characters = std::count_if(before.begin(), before.end(), starts_character);
  error_ = SpecError{std::move(message), std::move(help), static_cast<std::size_t>(characters)};
}

std::size_t Scanner::Skip() {
  while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
  return position_;
}

char Scanner::Peek() { return Skip() < text_.size() && !failed() ? text_[position_] : '\0'; }

bool Scanner::Ahead(std::string_view token) {
  Skip();
  return !failed() && text_.substr(position_).substr(0, token.size()) == token;
}

bool Scanner::Take(std::string_view token) {
  if (!Ahead(token)) return false;
  position_ += token.size();
  return true;
}

std::optional<std::string> Scanner::Word() {
  if (!IsWordStart(Peek())) return std::nullopt;
  const std::size_t start = position_;
  while (position_ < text_.size() && IsWordPart(text_[position_])) ++position_;
  return std::string(text_.substr(start, position_ - start));
}

std::optional<std::string> Scanner::Number() {
  if (failed()) return std::nullopt;
  const std::size_t start = Skip();
  position_ = NumberEnd(text_, start);
  if (position_ == start) return std::nullopt;
  return std::string(text_.substr(start, position_ - start));
}

std::optional<std::string> Scanner::Quoted() {
  if (failed()) return std::nullopt;
  const std::size_t start = Skip();
  std::string result;
  for (std::size_t at = start + 1; at < text_.size(); ++at) {
    if (text_[at] == '"') {
      position_ = at + 1;
      return result;
    }
    if (text_[at] != '\\') {
      result += text_[at];
      continue;
    }
    const std::optional<char> plain = at + 1 < text_.size() ? Unescape(text_[at + 1]) : std::nullopt;
    if (!plain) {
      FailAt(at, "unknown escape in a text", "write `\\\"` or `\\\\`");
      return std::nullopt;
    }
    result += *plain;
    ++at;
  }
  FailAt(start, "the text has no closing quote");
  return std::nullopt;
}

void Scanner::End(const std::string& after) {
  if (!failed() && Skip() < text_.size()) {
    Fail("unexpected `" + std::string(text_.substr(position_)) + "` after " + after);
  }
}

}  // namespace torchassay
