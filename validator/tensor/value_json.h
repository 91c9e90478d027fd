// A Value as JSON, as the manifest and the wire hold it.

#ifndef VALIDATOR_TENSOR_VALUE_JSON_H_
#define VALIDATOR_TENSOR_VALUE_JSON_H_

#include "validator/base/json.h"
#include "validator/tensor/value.h"

namespace torchassay {

// {"tensor":"input.x","dtype":"f32","shape":[1,3]}, {"tuple":[…]}, {"float":"nan"}, …
Json EncodeValue(const Value& value);
// The inverse. Complains through the node's document, and then returns None in that place.
Value DecodeValue(const JsonNode& node);

// A double, or "nan", "inf", "-inf", which JSON has no number for.
Json EncodeNumber(double value);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_VALUE_JSON_H_
