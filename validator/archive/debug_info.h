// AddSourcePlaces: joins the lines of stored code with the lines of Python that they came from.

#ifndef VALIDATOR_ARCHIVE_DEBUG_INFO_H_
#define VALIDATOR_ARCHIVE_DEBUG_INFO_H_

#include <span>
#include <string_view>

#include "validator/archive/code.h"
#include "validator/archive/pickle_value.h"

namespace torchassay {

// `debug` is the .debug_pkl of the file whose text is `code`; `methods` are those of that file. Fills in their
// `source` and `places`. Whatever the pickle lacks or garbles is left out: places are a courtesy.
void AddSourcePlaces(const PickleTree& debug, std::string_view code, std::span<Method* const> methods);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_DEBUG_INFO_H_
