// Lanes: elements of every dtype as vectors of the computing type, for the processor that is being compiled for.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "validator/compare/block.h"
#include "validator/compare/element_types.h"

#if defined(VALIDATOR_COMPARE_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_LANES_INL_H_
#undef VALIDATOR_COMPARE_LANES_INL_H_
#else
#define VALIDATOR_COMPARE_LANES_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
constexpr bool IsSingle() {
  return sizeof(hn::TFromD<D>) == 4;
}

// As many elements as `d` has lanes, converted to its type.
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const float* from) {
  const auto loaded = hn::LoadU(hn::Rebind<float, D>(), from);
  if constexpr (IsSingle<D>())
    return loaded;
  else
    return hn::PromoteTo(d, loaded);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const double* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::int32_t* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::int32_t, D>(), from));
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::int64_t* from) {
  return hn::ConvertTo(d, hn::LoadU(hn::RebindToSigned<D>(), from));
}
// 16 and 8 bits: by way of single precision, which holds them all.
template <class D, typename Small>
HWY_INLINE hn::Vec<D> LoadSmall(D d, const Small* from) {
  if constexpr (IsSingle<D>()) {
    const auto loaded = hn::LoadU(hn::Rebind<Small, D>(), from);
    if constexpr (std::is_integral_v<Small>) {
      return hn::ConvertTo(d, hn::PromoteTo(hn::Rebind<std::int32_t, D>(), loaded));
    } else {
      return hn::PromoteTo(d, loaded);
    }
  } else {
    return hn::PromoteTo(d, LoadSmall(hn::Rebind<float, D>(), from));
  }
}
#if HWY_TARGET == HWY_SSE4
// Without the processor's own conversion, Highway's takes an infinity for a large number.
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const hwy::float16_t* from) {
  if constexpr (IsSingle<D>()) {
    const hn::Rebind<std::int32_t, D> di;
    const auto* bits = reinterpret_cast<const std::int16_t*>(from);
    const auto half = hn::PromoteTo(di, hn::LoadU(hn::Rebind<std::int16_t, D>(), bits));
    const auto magnitude = hn::And(half, hn::Set(di, 0x7fff));
    const auto shifted = hn::ShiftLeft<13>(magnitude);
    const auto finite = hn::BitCast(di, hn::Mul(hn::BitCast(d, shifted), hn::Set(d, 0x1p112f)));
    const auto odd = hn::Or(shifted, hn::Set(di, 0x7f800000));
    const auto number = hn::IfThenElse(hn::Gt(magnitude, hn::Set(di, 0x7bff)), odd, finite);
    return hn::CopySign(hn::BitCast(d, number), hn::BitCast(d, half));
  } else {
    return hn::PromoteTo(d, LoadAs(hn::Rebind<float, D>(), from));
  }
}
#else
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const hwy::float16_t* from) {
  return LoadSmall(d, from);
}
#endif
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const hwy::bfloat16_t* from) {
  return LoadSmall(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::int16_t* from) {
  return LoadSmall(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::int8_t* from) {
  return LoadSmall(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::uint8_t* from) {
  return LoadSmall(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const BoolByte* from) {
  return hn::Min(LoadSmall(d, &from->value), hn::Set(d, 1));
}

// The error and both magnitudes (the actual one may keep its sign: it is only squared).
template <class D>
struct PairLanes {
  hn::Vec<D> error, actual, expected;
};

template <class D>
HWY_INLINE PairLanes<D> PairOf(hn::Vec<D> actual, hn::Vec<D> expected) {
  return {hn::Abs(hn::Sub(actual, expected)), actual, hn::Abs(expected)};
}
template <class D, typename T>
HWY_INLINE PairLanes<D> LoadPair(D d, const T* actual, const T* expected) {
  return PairOf<D>(LoadAs(d, actual), LoadAs(d, expected));
}
// The difference is taken in integers, and unsigned, where none overflows.
template <class D>
HWY_INLINE PairLanes<D> LoadPair(D d, const std::int64_t* actual, const std::int64_t* expected) {
  const hn::RebindToSigned<D> integers;
  const auto a = hn::LoadU(integers, actual);
  const auto e = hn::LoadU(integers, expected);
  const auto difference = hn::BitCast(hn::RebindToUnsigned<D>(), hn::Sub(hn::Max(a, e), hn::Min(a, e)));
  return {hn::ConvertTo(d, difference), hn::ConvertTo(d, a), hn::Abs(hn::ConvertTo(d, e))};
}
template <class D>
HWY_INLINE hn::Vec<D> Length(hn::Vec<D> x, hn::Vec<D> y) {
  return hn::Sqrt(hn::Add(hn::Mul(x, x), hn::Mul(y, y)));
}
template <class D>
HWY_INLINE PairLanes<D> LoadPair(D d, const ComplexFloat* actual, const ComplexFloat* expected) {
  using Single = hn::Rebind<float, D>;
  const Single single;
  hn::Vec<Single> ar, ai, er, ei;
  hn::LoadInterleaved2(single, &actual->real, ar, ai);
  hn::LoadInterleaved2(single, &expected->real, er, ei);
  const auto a_real = hn::PromoteTo(d, ar), a_imaginary = hn::PromoteTo(d, ai);
  const auto e_real = hn::PromoteTo(d, er), e_imaginary = hn::PromoteTo(d, ei);
  return {Length<D>(hn::Sub(a_real, e_real), hn::Sub(a_imaginary, e_imaginary)), Length<D>(a_real, a_imaginary),
          Length<D>(e_real, e_imaginary)};
}

// Asks for what of the next block answers to element `i` of this one.
HWY_INLINE void Ask(const Ahead& ahead, std::size_t i) {
  hwy::Prefetch(ahead.actual + i * ahead.bytes / kBlock);
  hwy::Prefetch(ahead.expected + i * ahead.bytes / kBlock);
}

// Hands `take` the place of every vector of a block, four in a row, and asks for what of the next block answers to
// them: a prefetch, an index and a jump for each would take as long as the arithmetic.
template <class D, class Take>
HWY_INLINE void ForEachVector(D d, const Ahead& ahead, const Take& take) {
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < kBlock; i += 4 * lanes) {
    Ask(ahead, i);
    take(i);
    take(i + lanes);
    if constexpr (hn::MaxLanes(D()) * sizeof(hn::TFromD<D>) > 32) Ask(ahead, i + 2 * lanes);
    take(i + 2 * lanes);
    take(i + 3 * lanes);
  }
}

template <class D>
HWY_INLINE hn::TFromD<D> SumOf(D d, hn::Vec<D> v) {
  return hn::GetLane(hn::SumOfLanes(d, v));
}
template <class D>
HWY_INLINE hn::TFromD<D> LargestOf(D d, hn::Vec<D> v) {
  return hn::GetLane(hn::MaxOfLanes(d, v));
}

// Counts set lanes of masks, in lanes: cheaper than counting the bits of each mask.
template <class D>
struct LaneCounter {
  using DI = hn::RebindToSigned<D>;
  hn::Vec<DI> counts;  // no initialiser: an implicit constructor would be compiled for the baseline

  HWY_INLINE void Clear() { counts = hn::Zero(DI()); }
  HWY_INLINE void Take(hn::Mask<D> mask) {
    const DI d;
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
    counts = hn::IfThenElse(hn::RebindMask(d, mask), hn::Add(counts, hn::Set(d, 1)), counts);
#else
    counts = hn::Sub(counts, hn::BitCast(d, hn::VecFromMask(D(), mask)));
#endif
  }
  HWY_INLINE std::int64_t Get() const { return SumOf(DI(), counts); }
};

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_LANES_INL_H_
