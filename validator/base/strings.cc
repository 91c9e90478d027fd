#include "validator/base/strings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace torchassay {
namespace {

constexpr std::size_t kLongestQuote = 120;

// Whether `text` could be cut before `position` without cutting a UTF-8 character.
bool IsCharacterStart(const std::string& text, std::size_t position) {
  return (static_cast<unsigned char>(text[position]) & 0xc0) != 0x80;
}

template <typename Number>
std::string ShortestText(Number value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end.ptr);
}

}  // namespace

Character FirstCharacter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t code = lead & (0x7f >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[bytes] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, bytes};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const auto [code, bytes] = FirstCharacter(text);
    if (!code) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

bool IsControl(char32_t code) {
  const auto is_between = [code](char32_t first, char32_t last) { return code >= first && code <= last; };
  return code < 0x20 || is_between(0x7f, 0x9f) || is_between(0x200e, 0x200f) || is_between(0x2028, 0x202e) ||
         is_between(0x2066, 0x2069);
}

bool IsBlank(std::string_view text) {
  const auto is_blank = [](char32_t code) {
    constexpr char32_t kBlanks[] = {0x20,   0xa0,   0xad,   0x115f, 0x1160, 0x1680,
                                    0x180e, 0x2800, 0x3000, 0x3164, 0xfeff, 0xffa0};
    return IsControl(code) || (code >= 0x2000 && code <= 0x200f) || code == 0x202f ||
           (code >= 0x205f && code <= 0x206f) || std::ranges::find(kBlanks, code) != std::end(kBlanks);
  };
  while (!text.empty()) {
    const auto [code, bytes] = FirstCharacter(text);
    if (code && !is_blank(*code)) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string OneLine(std::string_view text) {
  std::string line;
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  while (!text.empty()) {
    const std::size_t plain = std::ranges::find_if_not(text, is_plain) - text.begin();
    line += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto [code, bytes] = FirstCharacter(text);
    if (code && !IsControl(*code)) {
      line += text.substr(0, bytes);
    } else if (code == U'\n' || code == U'\t') {
      line += code == U'\n' ? "\\n" : "\\t";
    } else {
      char escape[11];
      const unsigned number = code ? static_cast<unsigned>(*code) : static_cast<unsigned char>(text[0]);
      std::snprintf(escape, sizeof(escape), number < 0x100 ? "\\x%02x" : "\\u%04x", number);
      line += escape;
    }
    text.remove_prefix(bytes);
  }
  return line;
}

std::string Shortened(const std::string& text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t head = longest / 2;
  std::size_t tail = text.size() - longest / 2;
  while (head > 0 && !IsCharacterStart(text, head)) --head;
  while (tail < text.size() && !IsCharacterStart(text, tail)) ++tail;
  return text.substr(0, head) + "…" + text.substr(tail);
}

std::string Quote(std::string_view text) { return "`" + Shortened(OneLine(text), kLongestQuote) + "`"; }

std::string NumberText(double value, int digits) {
  if (std::isnan(value)) return "nan";
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.*g", digits, value);
  return buffer;
}

std::string NumberTextRoundedUp(double value) {
  if (!std::isfinite(value) || value == 0) return NumberText(value);
  if (value >= 100 && value < 1e9) return NumberText(std::ceil(value), 9);
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
  double rounded = value;
  std::string text;
  do {
    char buffer[32];
    std::snprintf(buffer, sizeof(buffer), value >= 1e-3 && value < 100 ? "%.2g" : "%.1e", rounded);
    text = buffer;
    rounded += unit;
  } while (std::strtod(text.c_str(), nullptr) < value);
  return text;
}

std::string ExactNumberText(double value) { return ShortestText(value); }
std::string ExactNumberText(float value) { return ShortestText(value); }

std::string CountText(std::int64_t count, std::string_view singular) {
  return std::to_string(count) + " " + std::string(singular) + (count == 1 ? "" : "s");
}

std::string PercentText(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "0 %";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part != 0 && percent < 0.1) return "< 0.1 %";
  if (part != whole && percent > 99.9) return "> 99.9 %";
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), percent < 10 ? "%.1f" : "%.0f", percent);
  std::string text = buffer;
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  if (text == "100" && part != whole) text = "99.9";
  return text + " %";
}

std::string BytesText(std::uint64_t bytes) {
  if (bytes < 1024) return CountText(static_cast<std::int64_t>(bytes), "byte");
  const char* const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double amount = static_cast<double>(bytes) / 1024;
  int unit = 0;
  while (amount >= 1023.95 && unit < 5) {
    amount /= 1024;
    ++unit;
  }
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.1f %s", amount, units[unit]);
  return buffer;
}

std::string Join(std::span<const std::string> items, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) joined += separator;
    joined += items[i];
  }
  return joined;
}

std::string QuoteList(std::span<const std::string> names, int shown) {
  std::string list;
  const std::size_t count = std::min<std::size_t>(names.size(), static_cast<std::size_t>(shown));
  for (std::size_t i = 0; i < count; ++i) list += (i > 0 ? ", " : "") + Quote(names[i]);
  if (names.size() > count) list += " and " + std::to_string(names.size() - count) + " more";
  return list;
}

}  // namespace torchassay
