#include "validator/compare/compare.h"

#include <cassert>

#include "validator/compare/accumulator.h"
#include "validator/compare/kernel.h"

namespace torchassay {
Comparison Compare(const TensorView& actual, const TensorView& expected, const CompareOptions& options) {
  assert(actual.dtype == expected.dtype && actual.shape == expected.shape);
  assert(actual.bytes.size() == expected.bytes.size());
  const Tolerance tolerance = options.tolerance.value_or(DefaultTolerance(expected.dtype));
  Accumulator accumulator(actual, expected, tolerance, options.nan_policy);
  CompareBlocks(actual, expected, accumulator);
  return accumulator.Finish();
}

}  // namespace torchassay
