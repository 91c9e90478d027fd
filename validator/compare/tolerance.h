// Tolerance: how far an element may be from its reference; the formula and its edges are in docs/tolerance.md.

#ifndef VALIDATOR_COMPARE_TOLERANCE_H_
#define VALIDATOR_COMPARE_TOLERANCE_H_

#include "validator/tensor/dtype.h"

namespace torchassay {

// |actual - expected| <= atol + rtol * |expected|. Both finite and not negative.
struct Tolerance {
  double rtol = 0;
  double atol = 0;
  bool operator==(const Tolerance&) const = default;
};

// The defaults of torch.testing.assert_close; zero, which means equal, for integers and bool.
Tolerance DefaultTolerance(DType dtype);

// What a NaN in the reference means. A NaN in `actual` alone fails under either policy.
enum class NanPolicy {
  kNeverEqual,          // `compare` without --equal-nan
  kEqualWhereExpected,  // `validate`: the reference has a NaN there too
};

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_TOLERANCE_H_
