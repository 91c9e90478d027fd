// A pickled value as short text and, where it is an input, as a Value.

#ifndef VALIDATOR_ARCHIVE_PICKLE_TEXT_H_
#define VALIDATOR_ARCHIVE_PICKLE_TEXT_H_

#include <string>

#include "validator/archive/pickle_value.h"
#include "validator/base/status.h"
#include "validator/tensor/value.h"

namespace torchassay {

// The value inside the wrappers that TorchScript puts around typed lists and dictionaries.
const PickleValue& Unwrapped(const PickleTree& pickle, const PickleValue& value);

// "3", "[1, 2, 3]", "{\"a\": f32[3]}", "Color(1)"; about `most` characters, then "…".
std::string PickleText(const PickleTree& pickle, const PickleValue& value, std::size_t most = 80);

// A traced input. Error TA204 for what can be no input; TA205 for nesting that is too deep.
Result<Value> PickledInput(const PickleTree& pickle, const PickleValue& value);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_PICKLE_TEXT_H_
