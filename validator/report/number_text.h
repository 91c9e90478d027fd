// Numbers as reports show them: errors, shares and durations, the same in every format.

#ifndef VALIDATOR_REPORT_NUMBER_TEXT_H_
#define VALIDATOR_REPORT_NUMBER_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace torchassay {

// Two significant digits: "3.1e-04"; "0" where there is no error.
std::string ErrorText(double error);
// "37 of 4000 elements (0.9 %)"; "0 of 4000 elements". `noun` in the plural.
std::string ShareText(std::int64_t part, std::int64_t whole, std::string_view noun);
// "12.3 ms", "1.20 s".
std::string DurationText(double milliseconds);
// Digits in groups of three: "11,689,512".
std::string GroupedText(std::int64_t count);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_NUMBER_TEXT_H_
