// Text for messages: quoted names, numbers, counts, sizes.

#ifndef VALIDATOR_BASE_STRINGS_H_
#define VALIDATOR_BASE_STRINGS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace torchassay {

// `text` in backticks, shortened in its middle beyond 120 bytes; control characters become \n, \t,
// \x1b, so that a hostile name cannot steer a terminal.
std::string Quote(std::string_view text);
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
