// SumBlock: the sums of a block, and how many of its elements are mismatched, in double precision as docs/tolerance.md
// says.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cstddef>

#include "validator/compare/block.h"
#include "validator/compare/lanes-inl.h"

#if defined(VALIDATOR_COMPARE_BLOCK_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_BLOCK_SUMS_INL_H_
#undef VALIDATOR_COMPARE_BLOCK_SUMS_INL_H_
#else
#define VALIDATOR_COMPARE_BLOCK_SUMS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// Whether mismatched elements are counted, or known not to be there. A survey only looks whether there may be any, or
// not even that, where errors that may mismatch are none that are quiet; nor at how long the actual side is, where
// quiet ones change no length.
enum class Mismatches { kNone, kCounted, kNeverQuiet, kNegligible };

struct SumLanes {
  using D = hn::ScalableTag<double>;
  using V = hn::Vec<D>;
  V error, error_squared, actual_squared, expected_squared, max_error;

  HWY_INLINE void Clear() { error = error_squared = actual_squared = expected_squared = max_error = hn::Zero(D()); }
  HWY_INLINE void Take(const PairLanes<D>& pair) {
    error = hn::Add(error, pair.error);
    error_squared = hn::MulAdd(pair.error, pair.error, error_squared);
    actual_squared = hn::MulAdd(pair.actual, pair.actual, actual_squared);
    expected_squared = hn::MulAdd(pair.expected, pair.expected, expected_squared);
    max_error = hn::Max(max_error, pair.error);
  }
  HWY_INLINE BlockTotals Plus(const SumLanes& other) const {
    const D d;
    BlockTotals totals;
    totals.max_error = LargestOf(d, hn::Max(max_error, other.max_error));
    BlockSums& sums = totals.sums;
    sums.error = SumOf(d, hn::Add(error, other.error));
    sums.error_squared = SumOf(d, hn::Add(error_squared, other.error_squared));
    sums.actual_squared = SumOf(d, hn::Add(actual_squared, other.actual_squared));
    sums.expected_squared = SumOf(d, hn::Add(expected_squared, other.expected_squared));
    return totals;
  }
};

// No operation is fused: every machine counts the same.
struct MismatchLanes {
  using D = hn::ScalableTag<double>;
  hn::Vec<D> rtol, atol;
  LaneCounter<D> counter;

  HWY_INLINE void Start(const Tolerance& tolerance) {
    rtol = hn::Set(D(), tolerance.rtol);
    atol = hn::Set(D(), tolerance.atol);
    counter.Clear();
  }
  HWY_INLINE void Take(const PairLanes<D>& pair) {
    counter.Take(hn::Gt(pair.error, hn::Add(hn::Mul(rtol, pair.expected), atol)));
  }
};

// Two sets of sums: a sum that waits for itself is slower than memory.
template <Mismatches kMismatches, typename T>
HWY_INLINE BlockTotals SumBlock(const T* HWY_RESTRICT a, const T* HWY_RESTRICT e, const Tolerance& tolerance,
                                const Ahead& ahead) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  SumLanes even, odd;
  MismatchLanes mismatches;
  even.Clear();
  odd.Clear();
  mismatches.Start(tolerance);
  const auto take = [&](std::size_t i, SumLanes& sums) HWY_ATTR __attribute__((always_inline)) {
    const auto pair = LoadPair(d, a + i, e + i);
    sums.Take(pair);
    if constexpr (kMismatches == Mismatches::kCounted) mismatches.Take(pair);
  };
  for (std::size_t i = 0; i < kBlock; i += 4 * lanes) {
    Ask(ahead, i);
    take(i, even);
    take(i + lanes, odd);
    take(i + 2 * lanes, even);
    take(i + 3 * lanes, odd);
  }
  BlockTotals totals = even.Plus(odd);
  totals.sums.mismatched = mismatches.counter.Get();
  return totals;
}

// Of one side of a block.
template <typename T>
HWY_INLINE double SumOfSquares(const T* from, const Ahead& ahead) {
  const hn::ScalableTag<double> d;
  auto sum = hn::Zero(d);
  ForEachVector(d, ahead, [&](std::size_t i) HWY_ATTR __attribute__((always_inline)) {
    const auto value = LoadPair(d, from + i, from + i).actual;
    sum = hn::MulAdd(value, value, sum);
  });
  return SumOf(d, sum);
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_SUMS_INL_H_
