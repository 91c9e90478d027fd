// Small lexical helpers for TorchScript's printed code: brackets, strings, names.

#ifndef VALIDATOR_ARCHIVE_CODE_TEXT_H_
#define VALIDATOR_ARCHIVE_CODE_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace torchassay {

// The position behind the string literal that starts at `at`; the text's size where it never ends.
std::size_t SkipString(std::string_view text, std::size_t at);

// The position of the bracket that closes the one at `at`; npos where there is none. Strings count as one.
std::size_t ClosingBracket(std::string_view text, std::size_t at);

// The position of the first `wanted` outside of brackets and strings, from `at` on; npos where there is none.
std::size_t FindOutside(std::string_view text, char wanted, std::size_t at = 0);

// Cuts at the commas outside of brackets and strings; parts are trimmed, an empty last part is dropped.
std::vector<std::string_view> SplitArguments(std::string_view text);

std::string_view Trim(std::string_view text);
bool IsNameCharacter(char c);
// The content of a string literal, its escapes undone: "\"a\\n\"" gives a and a newline.
std::string Unquote(std::string_view literal);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_CODE_TEXT_H_
