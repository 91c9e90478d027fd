// BlockPass: sums, maxima and mismatches of a block in one pass, in double precision as docs/tolerance.md says.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cstddef>
#include <type_traits>

#include "validator/compare/block.h"
#include "validator/compare/lanes-inl.h"
#include "validator/compare/ulp-inl.h"

#if defined(VALIDATOR_COMPARE_BLOCK_PASS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_BLOCK_PASS_INL_H_
#undef VALIDATOR_COMPARE_BLOCK_PASS_INL_H_
#else
#define VALIDATOR_COMPARE_BLOCK_PASS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// The record of a quotient, for a product that is to be above it wherever the quotient is. Only a fused product and
// difference has the sign of the exact one.
HWY_INLINE double QuotientBound(double record) { return HWY_NATIVE_FMA ? record : record * (1 - 4e-16); }

// Whether mismatched elements are only noticed, or counted and held against the records.
enum class Mismatches { kNoticed, kMeasured };

// Everything that a block is asked, in lanes.
template <Mismatches kMismatches>
struct Tally {
  using D = hn::ScalableTag<double>;
  using V = hn::Vec<D>;
  V rtol, atol, ratio, needed;
  V error, error_squared, actual_squared, expected_squared;
  V max_error, over_ratio, max_excess, over_needed;
  LaneCounter<D> mismatched;

  HWY_INLINE void Start(const Bounds& bounds) {
    const D d;
    rtol = hn::Set(d, bounds.rtol);
    atol = hn::Set(d, bounds.atol);
    ratio = hn::Set(d, QuotientBound(bounds.ratio));
    needed = hn::Set(d, QuotientBound(bounds.needed));
    error = error_squared = actual_squared = expected_squared = hn::Zero(d);
    max_error = over_ratio = hn::Zero(d);
    max_excess = over_needed = hn::Set(d, -HUGE_VAL);
    mismatched.Clear();
  }
  HWY_INLINE void Take(const PairLanes<D>& pair) {
    error = hn::Add(error, pair.error);
    error_squared = hn::MulAdd(pair.error, pair.error, error_squared);
    actual_squared = hn::MulAdd(pair.actual, pair.actual, actual_squared);
    expected_squared = hn::MulAdd(pair.expected, pair.expected, expected_squared);
    max_error = hn::Max(max_error, pair.error);
    over_ratio = hn::Max(over_ratio, hn::NegMulAdd(ratio, pair.expected, pair.error));
    if constexpr (kMismatches == Mismatches::kMeasured) {
      const V proportional = hn::Mul(rtol, pair.expected);
      over_needed = hn::Max(over_needed, hn::NegMulAdd(needed, pair.expected, pair.error));
      max_excess = hn::Max(max_excess, hn::Sub(pair.error, proportional));
      mismatched.Take(hn::Gt(pair.error, hn::Add(proportional, atol)));
    }
  }
  HWY_INLINE BlockView Get() const {
    const D d;
    BlockView view;
    view.sums.error = SumOf(d, error);
    view.sums.error_squared = SumOf(d, error_squared);
    view.sums.actual_squared = SumOf(d, actual_squared);
    view.sums.expected_squared = SumOf(d, expected_squared);
    view.sums.mismatched = mismatched.Get();
    view.max_error = LargestOf(d, max_error);
    view.over_ratio = LargestOf(d, over_ratio);
    view.max_excess = LargestOf(d, max_excess);
    view.over_needed = LargestOf(d, over_needed);
    return view;
  }
};

// Whether anything is mismatched, as a vector of single or double precision tells: never no where it should be yes.
template <class D>
struct Suspicion {
  hn::Vec<D> rtol, excess;

  HWY_INLINE void Start(const Bounds& bounds) {
    const D d;
    rtol = hn::Set(d, bounds.rtol_below);
    excess = hn::Set(d, -HUGE_VALF);
  }
  HWY_INLINE void Take(const PairLanes<D>& pair) {
    excess = hn::Max(excess, hn::NegMulAdd(rtol, pair.expected, pair.error));
  }
  HWY_INLINE bool Get(const Bounds& bounds) const {
    const D d;
    return !hn::AllFalse(d, hn::Gt(excess, hn::Set(d, bounds.atol_below)));
  }
};

// As many elements as a vector of ErrorType<T> has lanes: stores their errors and hands them to `tally`.
template <typename T, Mismatches kMismatches>
HWY_INLINE void TakeVector(const T* a, const T* e, ErrorType<T>* errors, Tally<kMismatches>& tally,
                           Suspicion<hn::ScalableTag<ErrorType<T>>>& suspicion) {
  using DD = hn::ScalableTag<double>;
  using D = hn::ScalableTag<ErrorType<T>>;
  const D d;
  const DD dd;
  const auto note = [&](const auto& pair) HWY_ATTR {
    hn::Store(pair.error, d, errors);
    if constexpr (kMismatches == Mismatches::kNoticed) suspicion.Take(pair);
  };
  if constexpr (std::is_same_v<T, float>) {
    note(LoadPair(d, a, e));
    // Promoting from memory is one instruction, from a register two, and all of this is in the cache.
    const std::size_t half = hn::Lanes(dd);
    tally.Take(LoadPair(dd, a, e));
    tally.Take(LoadPair(dd, a + half, e + half));
  } else if constexpr (sizeof(ErrorType<T>) == 4) {
    const hn::Half<D> h;
    const auto actual = LoadAs(d, a), expected = LoadAs(d, e);
    note(PairOf<D>(actual, expected));
    tally.Take(PairOf<DD>(hn::PromoteTo(dd, hn::LowerHalf(actual)), hn::PromoteTo(dd, hn::LowerHalf(expected))));
    tally.Take(PairOf<DD>(hn::PromoteTo(dd, hn::UpperHalf(h, actual)), hn::PromoteTo(dd, hn::UpperHalf(h, expected))));
  } else {
    const auto pair = LoadPair(d, a, e);
    note(pair);
    tally.Take(pair);
  }
}

template <Mismatches kMismatches, Signs kSigns, typename T>
HWY_INLINE BlockView BlockPass(const T* HWY_RESTRICT a, const T* HWY_RESTRICT e, ErrorType<T>* HWY_RESTRICT errors,
                               const Bounds& bounds, const Ahead& ahead) {
  using D = hn::ScalableTag<ErrorType<T>>;
  Tally<kMismatches> tally;
  UlpMaximum<D, T, kSigns> ulp;
  Suspicion<D> suspicion;
  tally.Start(bounds);
  suspicion.Start(bounds);
  ulp.Clear();
  for (std::size_t i = 0; i < kBlock; i += hn::Lanes(D())) {
    Ask(ahead, i);
    TakeVector(a + i, e + i, errors + i, tally, suspicion);
    ulp.Take(a + i, e + i);
  }
  BlockView view = tally.Get();
  view.sums.max_ulp = ulp.Get();
  view.crossed = ulp.Crossed();
  view.suspicious = kMismatches == Mismatches::kNoticed && suspicion.Get(bounds);
  return view;
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_PASS_INL_H_
