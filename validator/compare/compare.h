// Compare: two tensors, element by element, in one pass over both at the speed of memory.

#ifndef VALIDATOR_COMPARE_COMPARE_H_
#define VALIDATOR_COMPARE_COMPARE_H_

#include <optional>

#include "validator/compare/comparison.h"
#include "validator/compare/tolerance.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

struct CompareOptions {
  std::optional<Tolerance> tolerance;  // default: DefaultTolerance of the dtype
  NanPolicy nan_policy = NanPolicy::kNeverEqual;
};

// Compares every element. Arithmetic is that of double precision, for integers exact; a complex element is
// compared by the magnitude of the difference.
// REQUIRES: the same dtype and shape on both sides, bytes of exactly that size.
Comparison Compare(const TensorView& actual, const TensorView& expected, const CompareOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_COMPARE_H_
