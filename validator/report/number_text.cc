#include "validator/report/number_text.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

std::string Printed(const char* format, double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

}  // namespace

std::string ErrorText(double error) {
  if (std::isnan(error)) return "nan";
  return error == 0 ? "0" : Printed("%.1e", error);
}

std::string ShareText(std::int64_t part, std::int64_t whole, std::string_view noun) {
  const std::string text = std::to_string(part) + " of " + std::to_string(whole) + " " + std::string(noun);
  return part == 0 ? text : text + " (" + PercentText(part, whole) + ")";
}

std::string DurationText(double milliseconds) {
  if (milliseconds >= 1000) return Printed("%.2f s", milliseconds / 1000);
  return Printed(milliseconds >= 100 ? "%.0f ms" : "%.3g ms", milliseconds);
}

std::string GroupedText(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::ptrdiff_t i = std::ssize(digits) - 3; i > (count < 0 ? 1 : 0); i -= 3) {
    digits.insert(i, 1, ',');
  }
  return digits;
}

}  // namespace torchassay
