// Reference: the comparison as docs/tolerance.md words it, with plain loops over every pair; what the tests hold the
// kernel to.

#ifndef VALIDATOR_COMPARE_REFERENCE_H_
#define VALIDATOR_COMPARE_REFERENCE_H_

#include "validator/compare/comparison.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

// REQUIRES: as Compare.
Comparison CompareByReference(const TensorView& actual, const TensorView& expected, const Tolerance& tolerance,
                              NanPolicy policy);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_REFERENCE_H_
