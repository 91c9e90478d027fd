#include "validator/compare/compare.h"

#include <cassert>
#include <cstdint>
#include <vector>

#include "validator/compare/accumulator.h"
#include "validator/compare/kernel.h"

namespace torchassay {
namespace {

bool IsAligned(const TensorView& view) {
  const std::size_t size = IsComplex(view.dtype) ? DTypeSize(view.dtype) / 2 : DTypeSize(view.dtype);
  return reinterpret_cast<std::uintptr_t>(view.bytes.data()) % size == 0;
}

}  // namespace

Comparison Compare(const TensorView& actual, const TensorView& expected, const CompareOptions& options) {
  assert(actual.dtype == expected.dtype && actual.shape == expected.shape);
  assert(actual.bytes.size() == expected.bytes.size());
  if (!IsAligned(actual) || !IsAligned(expected)) {
    const std::vector<std::byte> actual_copy(actual.bytes.begin(), actual.bytes.end());
    const std::vector<std::byte> expected_copy(expected.bytes.begin(), expected.bytes.end());
    return Compare({actual.dtype, actual.shape, actual_copy}, {expected.dtype, expected.shape, expected_copy}, options);
  }
  const Tolerance tolerance = options.tolerance.value_or(DefaultTolerance(expected.dtype));
  Accumulator accumulator(actual, expected, tolerance, options.nan_policy);
  CompareBlocks(actual, expected, accumulator);
  return accumulator.Finish();
}

}  // namespace torchassay
