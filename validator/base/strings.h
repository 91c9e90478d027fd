// Text for messages: quoted names, numbers, counts, sizes.

#ifndef VALIDATOR_BASE_STRINGS_H_
#define VALIDATOR_BASE_STRINGS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace torchassay {

// `text` in backticks, on one line, shortened in its middle beyond 120 bytes.
std::string Quote(std::string_view text);
// UTF-8 text with "…" in its middle where it has more than `longest` bytes.
std::string Shortened(const std::string& text, std::size_t longest);
// `text` with what steers a terminal, or turns the direction of writing, as it is written in a program: \n, \t, \x1b,
// \u202e; a byte that is no UTF-8 becomes \xff.
std::string OneLine(std::string_view text);

// The first character of a UTF-8 text that is not empty: its code point and how many bytes it takes; absent, and 1
// byte, where none begins there (overlong forms, surrogates and what is beyond U+10FFFF are none).
struct Character {
  std::optional<char32_t> code;
  std::size_t bytes = 1;
};
Character FirstCharacter(std::string_view text);
bool IsUtf8(std::string_view text);
// Whether a terminal would do something other than show it, line breaks and tabs included.
bool IsControl(char32_t code);
// Whether a reader would see nothing: blanks only, those that are not ASCII included.
bool IsBlank(std::string_view text);

// Up to `digits` significant digits, no trailing zeros: "0.412837", "1.1e-05", "nan", "-inf".
std::string NumberText(double value, int digits = 6);
// A positive number in two digits, or as a whole number, never below it, as a tolerance must be: "3.1e-04", "0.5",
// "117".
std::string NumberTextRoundedUp(double value);
// The fewest digits that read back as the same double, or the same float: "0.1", "1e-05".
std::string ExactNumberText(double value);
std::string ExactNumberText(float value);

// "1 element", "4,000" has no separators: "4000 elements".
std::string CountText(std::int64_t count, std::string_view singular);
// "0.9 %"; never "0 %" or "100 %" unless it is exactly that: "< 0.1 %", "> 99.9 %".
std::string PercentText(std::int64_t part, std::int64_t whole);
// "17 bytes", "4.2 KiB", "1.5 GiB".
std::string BytesText(std::uint64_t bytes);

// "a, b, c".
std::string Join(std::span<const std::string> items, std::string_view separator);
// "`a`, `b` and 5 more": at most `shown` names, quoted.
std::string QuoteList(std::span<const std::string> names, int shown = 5);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_STRINGS_H_
