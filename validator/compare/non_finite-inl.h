// NonFinite: takes the NaNs and infinities out of a block, so that the rest is an ordinary one.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "validator/compare/accumulator.h"
#include "validator/compare/block.h"
#include "validator/compare/element_types.h"
#include "validator/compare/lanes-inl.h"

#if defined(VALIDATOR_COMPARE_NON_FINITE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_NON_FINITE_INL_H_
#undef VALIDATOR_COMPARE_NON_FINITE_INL_H_
#else
#define VALIDATOR_COMPARE_NON_FINITE_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// A vector of floating numbers by their bits: the magnitude of an infinity is `infinity`, that of a NaN above it.
template <class D>
struct KindLanes {
  using V = hn::Vec<D>;
  using M = hn::Mask<D>;
  V bits;
  M nan, inf;

  static HWY_INLINE KindLanes Of(V bits, hn::TFromD<D> infinity) {
    const D d;
    const V magnitude = hn::AndNot(hn::Set(d, hwy::LimitsMin<hn::TFromD<D>>()), bits);
    return {bits, hn::Gt(magnitude, hn::Set(d, infinity)), hn::Eq(magnitude, hn::Set(d, infinity))};
  }
  HWY_INLINE M Any() const { return hn::Or(nan, inf); }
};

template <class D>
HWY_INLINE NonFinite Count(const KindLanes<D>& a, const KindLanes<D>& e) {
  const D d;
  const auto count = [d](hn::Mask<D> mask) { return static_cast<std::int64_t>(hn::CountTrue(d, mask)); };
  const auto inf_both = hn::And(a.inf, e.inf);
  const std::int64_t same = count(hn::And(inf_both, hn::Eq(a.bits, e.bits)));
  NonFinite counts;
  counts.nan_both = count(hn::And(a.nan, e.nan));
  counts.nan_actual = count(hn::AndNot(e.nan, a.nan));
  counts.nan_expected = count(hn::AndNot(a.nan, e.nan));
  counts.inf_both = same;
  counts.inf_opposite = count(inf_both) - same;
  counts.inf_actual = count(hn::AndNot(e.Any(), a.inf));
  counts.inf_expected = count(hn::AndNot(a.Any(), e.inf));
  return counts;
}

// Copies a block with zeros in place of every pair that is not finite, and hands those to the accumulator.
// Returns whether there is any.
template <typename Integer>
HWY_INLINE bool TakeOutBits(const Integer* a, const Integer* e, Integer infinity, std::size_t begin, Integer* a_clean,
                            Integer* e_clean, const Ahead& ahead, Accumulator& accumulator) {
  using D = hn::ScalableTag<Integer>;
  const D d;
  bool any = false;
  for (std::size_t i = 0; i < kBlock; i += hn::Lanes(d)) {
    Ask(ahead, i);
    const auto actual = KindLanes<D>::Of(hn::LoadU(d, a + i), infinity);
    const auto expected = KindLanes<D>::Of(hn::LoadU(d, e + i), infinity);
    const auto odd = hn::Or(actual.Any(), expected.Any());
    hn::Store(hn::IfThenZeroElse(odd, actual.bits), d, a_clean + i);
    hn::Store(hn::IfThenZeroElse(odd, expected.bits), d, e_clean + i);
    if (hn::AllFalse(d, odd)) continue;
    any = true;
    accumulator.Add(Count<D>(actual, expected));
    accumulator.NoteNonFinite(begin + i, hn::Lanes(d));
  }
  return any;
}

// The bits of T as integers, and those of its infinity.
template <typename T>
struct BitsOf;
template <>
struct BitsOf<hwy::float16_t> {
  using Integer = std::int16_t;
  static constexpr Integer kInfinity = 0x7c00;
};
template <>
struct BitsOf<hwy::bfloat16_t> {
  using Integer = std::int16_t;
  static constexpr Integer kInfinity = 0x7f80;
};
template <>
struct BitsOf<float> {
  using Integer = std::int32_t;
  static constexpr Integer kInfinity = 0x7f800000;
};
template <>
struct BitsOf<double> {
  using Integer = std::int64_t;
  static constexpr Integer kInfinity = 0x7ff0000000000000;
};

inline bool IsFinite(ComplexFloat number) { return std::isfinite(number.real) && std::isfinite(number.imaginary); }
HWY_INLINE bool TakeOutComplex(const ComplexFloat* a, const ComplexFloat* e, std::size_t begin, ComplexFloat* a_clean,
                               ComplexFloat* e_clean, Accumulator& accumulator) {
  bool any = false;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool finite = IsFinite(a[i]) && IsFinite(e[i]);
    a_clean[i] = finite ? a[i] : ComplexFloat();
    e_clean[i] = finite ? e[i] : ComplexFloat();
    if (!finite) accumulator.AddExactly(begin + i, 1);
    any |= !finite;
  }
  return any;
}

// The block at `begin` of both tensors. Integers are all finite.
template <typename T>
HWY_INLINE bool TakeOut(const T* a, const T* e, std::size_t begin, T* a_clean, T* e_clean, const Ahead& ahead,
                        Accumulator& accumulator) {
  if constexpr (std::is_same_v<T, ComplexFloat>) {
    return TakeOutComplex(a, e, begin, a_clean, e_clean, accumulator);
  } else if constexpr (std::is_integral_v<T> || std::is_same_v<T, BoolByte>) {
    return false;
  } else {
    using Bits = BitsOf<T>;
    using Integer = typename Bits::Integer;
    return TakeOutBits(reinterpret_cast<const Integer*>(a), reinterpret_cast<const Integer*>(e), Bits::kInfinity, begin,
                       reinterpret_cast<Integer*>(a_clean), reinterpret_cast<Integer*>(e_clean), ahead, accumulator);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_NON_FINITE_INL_H_
