// Where a byte offset lies in a text: line, column, and the line with a caret under it.

#ifndef VALIDATOR_BASE_TEXT_POSITION_H_
#define VALIDATOR_BASE_TEXT_POSITION_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace torchassay {

struct TextPosition {
  int line = 1;    // from 1
  int column = 1;  // from 1, in characters
};

// REQUIRES: nothing; an offset beyond the end is the end.
TextPosition PositionOf(std::string_view text, std::size_t offset);

// Two lines for below a message, a long source line cut around the place:
//
//      3 |   "seed": 0 "calls": []
//        |             ^
std::string CaretExcerpt(std::string_view text, std::size_t offset);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_TEXT_POSITION_H_
