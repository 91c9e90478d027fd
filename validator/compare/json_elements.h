// Tensor data written as JSON, for the tables that tests run.

#ifndef VALIDATOR_COMPARE_JSON_ELEMENTS_H_
#define VALIDATOR_COMPARE_JSON_ELEMENTS_H_

#include <cstddef>
#include <vector>

#include "validator/base/json.h"
#include "validator/tensor/dtype.h"

namespace torchassay {

// The bytes of a list of numbers, booleans or [real, imaginary] pairs. A value that f16 or bf16 does not have
// becomes a NaN, which no table expects.
std::vector<std::byte> ElementsFromJson(DType dtype, const JsonNode& list);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_JSON_ELEMENTS_H_
