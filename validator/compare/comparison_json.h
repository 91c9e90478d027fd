// A Comparison as JSON: in result files and on the wire.

#ifndef VALIDATOR_COMPARE_COMPARISON_JSON_H_
#define VALIDATOR_COMPARE_COMPARISON_JSON_H_

#include "validator/base/json.h"
#include "validator/compare/comparison.h"

namespace torchassay {

// Keys are the members' names; non-finite numbers are the strings "nan", "inf", "-inf".
Json EncodeComparison(const Comparison& comparison);
// The inverse. Complains through the node's document.
Comparison DecodeComparison(const JsonNode& node);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_COMPARISON_JSON_H_
