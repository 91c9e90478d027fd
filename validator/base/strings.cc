#include "validator/base/strings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace torchassay {
namespace {

constexpr std::size_t kLongestQuote = 120;

std::string EscapeControls(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\t') {
      escaped += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      char code[5];
      std::snprintf(code, sizeof(code), "\\x%02x", byte);
      escaped += code;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// Whether `text` could be cut before `position` without cutting a UTF-8 character.
bool IsCharacterStart(const std::string& text, std::size_t position) {
  return (static_cast<unsigned char>(text[position]) & 0xc0) != 0x80;
}

std::string Shorten(const std::string& text) {
  if (text.size() <= kLongestQuote) return text;
  std::size_t head = kLongestQuote / 2;
  std::size_t tail = text.size() - kLongestQuote / 2;
  while (head > 0 && !IsCharacterStart(text, head)) --head;
  while (tail < text.size() && !IsCharacterStart(text, tail)) ++tail;
  return text.substr(0, head) + "…" + text.substr(tail);
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

std::string Quote(std::string_view text) { return "`" + Shorten(EscapeControls(text)) + "`"; }

bool IsBlank(std::string_view text) {
  constexpr std::string_view kBlanks[] = {" ", "\t", "\r", "\n", "\v", "\f", "\u00a0", "\u200b", "\ufeff"};
  while (!text.empty()) {
    const auto* blank = std::find_if(std::begin(kBlanks), std::end(kBlanks),
                                     [&](std::string_view candidate) { return text.starts_with(candidate); });
    if (blank == std::end(kBlanks)) return false;
    text.remove_prefix(blank->size());
  }
  return true;
}

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
