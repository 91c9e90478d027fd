#include "validator/signature/spec_values.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <utility>

namespace torchassay {
namespace {

struct Limits {
  std::int64_t lo;
  std::int64_t hi;
};

template <typename Integer>
constexpr Limits LimitsOf() {
  return {std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()};
}

Limits IntegerLimits(const std::string& type) {
  if (type == "i8") return LimitsOf<std::int8_t>();
  if (type == "i16") return LimitsOf<std::int16_t>();
  if (type == "i32") return LimitsOf<std::int32_t>();
  if (type == "u8") return LimitsOf<std::uint8_t>();
  return LimitsOf<std::int64_t>();
}

bool IsFloat(const std::string& type) {
  return type == "f16" || type == "bf16" || type == "f32" || type == "f64" || type == "c64" || type == "c128" ||
         type == "float";
}

std::string_view WithoutSign(std::string_view text) {
  while (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text;
}

double ToDouble(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

bool IsFlag(std::string_view word) { return word == "nan" || word == "inf"; }

double FlagValue(const std::string& word) {
  const double sign = word[0] == '-' ? -1 : 1;
  return WithoutSign(word) == "nan" ? std::nan("") : sign * std::numeric_limits<double>::infinity();
}

double ScanFinite(Scanner& scanner, const std::string& text, std::size_t start) {
  const double value = ToDouble(text);
  if (std::isinf(value)) scanner.FailAt(start, "`" + text + "` is too large for a double");
  return value;
}

// A whole number that fits: digits, or an exponent as long as the value is whole and exact.
std::optional<std::int64_t> FitInteger(const std::string& text, const Limits& limits) {
  std::int64_t value = 0;
  if (IsDigits(WithoutSign(text))) {
    const char* first = text.data() + (text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
  } else {
    const double real = ToDouble(text);
    if (real < -0x1p63 || real >= 0x1p63) return std::nullopt;
    value = static_cast<std::int64_t>(real);
  }
  if (value < limits.lo || value > limits.hi) return std::nullopt;
  return value;
}

std::int64_t ScanInteger(Scanner& scanner, const std::string& text, const std::string& type, std::size_t start) {
  const double real = ToDouble(text);
  if (!IsDigits(WithoutSign(text)) && (std::isinf(real) || real != std::trunc(real))) {
    scanner.FailAt(start, "`" + text + "` is no whole number");
    return 0;
  }
  const Limits limits = IntegerLimits(type);
  const std::optional<std::int64_t> value = FitInteger(text, limits);
  if (!value) {
    scanner.FailAt(start, "`" + text + "` does not fit " + type + " (" + std::to_string(limits.lo) + ".." +
                              std::to_string(limits.hi) + ")");
  }
  return value.value_or(0);
}

// "-inf", "true", with the sign in front; "" where there is no word (the sign is passed all the same).
std::string SignedWord(Scanner& scanner) {
  const std::string sign = scanner.Take("-") ? "-" : scanner.Take("+") ? "+" : "";
  const std::optional<std::string> word = scanner.Word();
  return word ? sign + *word : "";
}

Constant WordValue(Scanner& scanner, const std::string& type, const std::string& word, std::size_t start) {
  const std::string bare(WithoutSign(word));
  if ((word == "true" || word == "false") && type == "bool") return word == "true";
  if (!IsFlag(bare)) {
    scanner.FailAt(start, "`" + word + "` is no value of " + type);
  } else if (!IsFloat(type)) {
    scanner.FailAt(start, type + " has no " + bare);
  } else {
    return FlagValue(word);
  }
  return false;
}

Constant NumberValue(Scanner& scanner, const std::string& type, const std::string& text, std::size_t start) {
  if (IsFloat(type)) return ScanFinite(scanner, text, start);
  if (type != "bool") return ScanInteger(scanner, text, type, start);
  if (text != "0" && text != "1") {
    scanner.FailAt(start, "`" + text + "` is no value of bool", "write true or false");
  }
  return text == "1";
}

Constant TextValue(Scanner& scanner, const std::string& type, std::size_t start) {
  std::string text = scanner.Quoted().value_or("");
  if (type != "str") scanner.FailAt(start, "a value of " + type + " is no text");
  return text;
}

// One bound or choice, checked against the type.
Constant ScanElement(Scanner& scanner, const std::string& type) {
  const std::size_t start = scanner.Skip();
  if (scanner.Peek() == '"') return TextValue(scanner, type, start);
  if (type == "str") {
    scanner.Fail("expected a text in quotes");
    return false;
  }
  const std::string word = SignedWord(scanner);
  if (!word.empty()) return WordValue(scanner, type, word, start);
  scanner.MoveTo(start);
  const std::optional<std::string> number = scanner.Number();
  if (number) return NumberValue(scanner, type, *number, start);
  scanner.Fail("expected a value", "write `{LO..HI}` or `{a,b,c}`; 0.5, not .5");
  return false;
}

void Close(Scanner& scanner) {
  if (scanner.Take("}")) return;
  scanner.Fail(scanner.Peek() == '\0' ? "missing `}`" : "expected `,` or `}` in a value domain");
}

bool IsNan(const Constant& value) {
  const double* real = std::get_if<double>(&value);
  return real != nullptr && std::isnan(*real);
}

bool IsInfinite(const Constant& value, double sign) {
  const double* real = std::get_if<double>(&value);
  return real != nullptr && std::isinf(*real) && *real * sign > 0;
}

// `,nan` and `,inf` after a range.
void ScanFlags(Scanner& scanner, const std::string& type, ValueDomain& domain) {
  while (scanner.Take(",")) {
    const std::size_t start = scanner.Skip();
    const std::string word = scanner.Word().value_or("");
    if (!IsFlag(word)) {
      scanner.FailAt(start, "only nan and inf may follow a range", "values are either one range or a list of choices");
    } else if (!IsFloat(type)) {
      scanner.FailAt(start, type + " has no " + word);
    }
    (word == "nan" ? domain.nan : domain.inf) = true;
  }
}

// Both ends of a bool's range are legal, so it is a set.
ValueDomain BoolRange(const Constant& lo, const Constant& hi) {
  std::vector<Constant> choices;
  for (const bool value : {false, true}) {
    if (lo <= Constant(value) && Constant(value) <= hi) choices.emplace_back(value);
  }
  ValueDomain domain;
  domain.choices = std::move(choices);
  return domain;
}

ValueDomain ScanRange(Scanner& scanner, const std::string& type, const Constant& lo, std::size_t start) {
  ValueDomain domain;
  if (type == "str") {
    scanner.FailAt(start, "texts have no range", "list them: `{\"a\",\"b\"}`");
    return domain;
  }
  const Constant hi = ScanElement(scanner, type);
  if (IsNan(lo) || IsNan(hi)) {
    scanner.FailAt(start, "nan is no bound of a range", "write `{LO..HI,nan}`");
  }
  if (lo > hi || IsInfinite(lo, 1) || IsInfinite(hi, -1)) {
    scanner.FailAt(start, "the range of values is empty");
  }
  ScanFlags(scanner, type, domain);
  Close(scanner);
  if (type == "bool") return BoolRange(lo, hi);
  if (!IsInfinite(lo, -1)) domain.lo = lo;
  if (!IsInfinite(hi, 1)) domain.hi = hi;
  return domain;
}

ScalarSpec Only(ScalarKind kind, Constant value) {
  ValueDomain domain;
  domain.choices = std::vector<Constant>{std::move(value)};
  return {kind, std::move(domain)};
}

ScalarSpec ScanNumber(Scanner& scanner, std::size_t start) {
  const std::optional<std::string> text = scanner.Number();
  if (!text) {
    scanner.Fail("expected a number");
    return {};
  }
  if (!IsDigits(WithoutSign(*text))) {
    return Only(ScalarKind::kFloat, ScanFinite(scanner, *text, start));
  }
  return Only(ScalarKind::kInt, ScanInteger(scanner, *text, "int", start));
}

}  // namespace

ScalarSpec ScanConstant(Scanner& scanner) {
  const std::size_t start = scanner.Skip();
  if (scanner.Peek() == '"') return Only(ScalarKind::kStr, scanner.Quoted().value_or(""));
  const std::string word = SignedWord(scanner);
  if (word == "true" || word == "false") return Only(ScalarKind::kBool, word == "true");
  if (word == "none") return {ScalarKind::kNone, std::nullopt};
  if (IsFlag(WithoutSign(word))) return Only(ScalarKind::kFloat, FlagValue(word));
  scanner.MoveTo(start);
  return ScanNumber(scanner, start);
}

ValueDomain ScanDomain(Scanner& scanner, const std::string& type) {
  ValueDomain domain;
  scanner.Take("{");
  if (scanner.Peek() == '}') {
    scanner.Fail("a value domain is empty", "leave `{}` out to allow every value");
    return domain;
  }
  const std::size_t start = scanner.Skip();
  std::vector<Constant> choices = {ScanElement(scanner, type)};
  if (scanner.Take("..")) return ScanRange(scanner, type, choices[0], start);
  while (scanner.Take(",")) choices.push_back(ScanElement(scanner, type));
  Close(scanner);
  domain.choices = std::move(choices);
  return domain;
}

}  // namespace torchassay
