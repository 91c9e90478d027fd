// How it is fast: the data is taken in blocks that stay in the first-level cache.
//
//   1. A block that is equal byte by byte has no errors: only its squares are added up.
//   2. Any other is surveyed in single precision, and looked at closer where that leaves something open
//      (surveyor-inl.h). The first of a tensor, and those of wider types, are screened and added up in double
//      precision instead (block_screen-inl.h, block_sums-inl.h).
//   3. Only where errors occur: they are counted by decade, from the cache (block_decades-inl.h).
//   4. Only where a record may be broken: the chunks that break it are looked at one by one (block_records-inl.h).
//   5. Only where a NaN or Inf was met: a copy without them goes through all of this instead (non_finite-inl.h).

#include "validator/compare/kernel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "validator/compare/block.h"
#include "validator/compare/element_types.h"

// SSE4, AVX2 and AVX-512 are enough on x86; SSSE3 would gain nobody anything.
#define HWY_DISABLED_TARGETS HWY_SSSE3
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "validator/compare/kernel.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#if HWY_TARGET != HWY_SCALAR
#include "validator/compare/block_sums-inl.h"
#include "validator/compare/walk-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// Without vectors there is no faster path than the exact one.
void CompareOnTarget(const TensorView&, const TensorView& expected, Accumulator& accumulator) {
  accumulator.AddExactly(0, expected.bytes.size() / DTypeSize(expected.dtype));
}

#else

template <typename T>
HWY_NOINLINE void CompareAs(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  Walk<T>(actual, expected, accumulator).Run();
}

// For c128, whose lengths no vector computes: what is equal byte by byte at once, the rest one by one.
HWY_NOINLINE void CompareWide(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  constexpr std::size_t kBytes = kBlock * sizeof(double);
  const std::byte* a = actual.bytes.data();
  const std::byte* e = expected.bytes.data();
  const std::size_t size = expected.bytes.size();
  for (std::size_t at = 0; at < size; at += kBytes) {
    BlockSums sums;
    const bool equal = at + kBytes <= size && std::memcmp(a + at, e + at, kBytes) == 0;
    if (equal) {
      const Ahead ahead = {a + at + kBytes, e + at + kBytes, kBytes};
      sums.actual_squared = sums.expected_squared = SumOfSquares(reinterpret_cast<const double*>(e + at), ahead);
    }
    if (equal && std::isfinite(sums.actual_squared)) {
      accumulator.Add(sums);
    } else {
      accumulator.AddExactly(at / 16, kBytes / 16);
    }
  }
}

void CompareOnTarget(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  switch (expected.dtype) {
    case DType::kF16: return CompareAs<hwy::float16_t>(actual, expected, accumulator);
    case DType::kBF16: return CompareAs<hwy::bfloat16_t>(actual, expected, accumulator);
    case DType::kF32: return CompareAs<float>(actual, expected, accumulator);
    case DType::kF64: return CompareAs<double>(actual, expected, accumulator);
    case DType::kI8: return CompareAs<std::int8_t>(actual, expected, accumulator);
    case DType::kI16: return CompareAs<std::int16_t>(actual, expected, accumulator);
    case DType::kI32: return CompareAs<std::int32_t>(actual, expected, accumulator);
    case DType::kI64: return CompareAs<std::int64_t>(actual, expected, accumulator);
    case DType::kU8: return CompareAs<std::uint8_t>(actual, expected, accumulator);
    case DType::kBool: return CompareAs<BoolByte>(actual, expected, accumulator);
    case DType::kC64: return CompareAs<ComplexFloat>(actual, expected, accumulator);
    case DType::kC128: return CompareWide(actual, expected, accumulator);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace torchassay {

HWY_EXPORT(CompareOnTarget);

void CompareBlocks(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  HWY_DYNAMIC_DISPATCH(CompareOnTarget)(actual, expected, accumulator);
}

}  // namespace torchassay
#endif  // HWY_ONCE
