// ScreenBlock: the errors of a block in the type that they are put in decades as, and whether it deserves a closer
// look.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cstddef>

#include "validator/compare/block.h"
#include "validator/compare/lanes-inl.h"
#include "validator/compare/ulp-inl.h"

#if defined(VALIDATOR_COMPARE_BLOCK_SCREEN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_BLOCK_SCREEN_INL_H_
#undef VALIDATOR_COMPARE_BLOCK_SCREEN_INL_H_
#else
#define VALIDATOR_COMPARE_BLOCK_SCREEN_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// For f32 this has twice as many lanes as double precision, and nothing to convert.
template <typename C>
struct ScreenLanes {
  using D = hn::ScalableTag<C>;
  using V = hn::Vec<D>;
  V rtol, ratio, needed;
  V excess, over_ratio, over_needed;

  HWY_INLINE void Start(const Bounds<C>& bounds) {
    const D d;
    rtol = hn::Set(d, bounds.rtol);
    ratio = hn::Set(d, bounds.ratio);
    needed = hn::Set(d, bounds.needed);
    over_ratio = hn::Zero(d);
    excess = over_needed = hn::Set(d, std::numeric_limits<C>::lowest());
  }
  HWY_INLINE void Take(const PairLanes<D>& pair) {
    excess = hn::Max(excess, hn::NegMulAdd(rtol, pair.expected, pair.error));
    over_ratio = hn::Max(over_ratio, hn::NegMulAdd(ratio, pair.expected, pair.error));
    over_needed = hn::Max(over_needed, hn::NegMulAdd(needed, pair.expected, pair.error));
  }
  HWY_INLINE Screening<C> Get() const {
    const D d;
    return {LargestOf(d, excess), LargestOf(d, over_ratio), LargestOf(d, over_needed)};
  }
};

// Stores the errors too.
template <Signs kSigns, typename T>
HWY_INLINE Screening<ErrorType<T>> ScreenBlock(const T* HWY_RESTRICT a, const T* HWY_RESTRICT e,
                                               ErrorType<T>* HWY_RESTRICT errors, const Bounds<ErrorType<T>>& bounds,
                                               const Ahead& ahead) {
  using C = ErrorType<T>;
  using D = hn::ScalableTag<C>;
  const D d;
  ScreenLanes<C> lanes;
  UlpMaximum<D, T, kSigns> ulp;
  lanes.Start(bounds);
  ulp.Clear();
  ForEachVector(d, ahead, [&](std::size_t i) HWY_ATTR __attribute__((always_inline)) {
    const PairLanes<D> pair = LoadPair(d, a + i, e + i);
    hn::Store(pair.error, d, errors + i);
    lanes.Take(pair);
    ulp.Take(a + i, e + i);
  });
  Screening<C> screening = lanes.Get();
  screening.max_ulp = ulp.Get();
  screening.crossed = ulp.Crossed();
  return screening;
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_SCREEN_INL_H_
