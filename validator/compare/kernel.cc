// How it is fast: the data is taken in blocks that fit the first-level cache, and each block in passes.
//
//   1. One pass reads both sides from memory and computes errors, sums, and whether anything is noteworthy.
//      Types of up to 32 bits do this in single precision, with thresholds moved so far to the safe side that
//      rounding cannot hide a mismatch or a record.
//   2. Only where errors occur: they are counted by decade, from the cache.
//   3. Only where something is noteworthy: the block again in double precision, exactly as docs/tolerance.md says.
//   4. Only the steps of a block where a record is broken, or a NaN or Inf was met: the accumulator looks at the
//      elements one by one.

#include "validator/compare/kernel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

// SSE4, AVX2 and AVX-512 are enough on x86; SSSE3 would gain nobody anything.
#define HWY_DISABLED_TARGETS HWY_SSSE3
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "validator/compare/kernel.cc"
#include "hwy/foreach_target.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

#ifndef VALIDATOR_COMPARE_KERNEL_ONCE_
#define VALIDATOR_COMPARE_KERNEL_ONCE_

namespace torchassay {

constexpr std::size_t kBlock = 1024;      // elements
constexpr std::size_t kStep = 64;         // elements; two vectors of the most lanes, and a part of a block
constexpr std::size_t kPrefetch = 2048;   // bytes ahead of the reading

// Element types that C++ has no type for.
struct BoolByte { std::uint8_t value; };
struct ComplexFloat { float real, imaginary; };

// How far single precision may be off, relative to what it computes: two roundings, with room.
constexpr double kSlack = 1.0 / (1 << 20);

// The records and the tolerance as thresholds of the computing type.
template <typename C>
struct Thresholds {
  C rtol, atol;            // never above the true ones
  C rtol_above, atol_above;  // never below
  C max_ratio, max_error;  // beaten only by what is above
  C worst_excess, needed_rtol;
  C grown;                 // factor on an error that makes up for its rounding

  // Products that are subnormal floats have lost their relative precision; this covers them all.
  static constexpr C kSubnormal = sizeof(C) == 8 ? 0 : 4 * std::numeric_limits<float>::min();

  static C Below(double value) {
    if (sizeof(C) == 8 || std::isinf(value) || value < 0) return static_cast<C>(value);
    return static_cast<C>(std::min<double>(value * (1 - kSlack), std::numeric_limits<float>::max()));
  }
  static C Above(double value) { return static_cast<C>(sizeof(C) == 8 ? value : value * (1 + kSlack)); }
  static Thresholds Of(const Tolerance& tolerance, const Records& records) {
    Thresholds t;
    t.rtol = Below(tolerance.rtol);
    t.atol = Below(tolerance.atol) - kSubnormal;
    t.rtol_above = Above(tolerance.rtol);
    t.atol_above = Above(tolerance.atol) + kSubnormal;
    t.max_error = Below(records.max_error);
    // A double product may round down onto the record itself; this much is no new record.
    t.max_ratio = sizeof(C) == 8 ? static_cast<C>(records.max_ratio * (1 + 4e-16)) : Below(records.max_ratio);
    t.worst_excess = Below(records.worst_excess);
    t.needed_rtol = Below(records.needed_rtol);
    t.grown = static_cast<C>(sizeof(C) == 8 ? 1 : 1 + kSlack);
    return t;
  }
};

// What the first pass says about a block.
template <typename C>
struct BlockView {
  BlockSums sums;
  C max_error = 0;
  bool maybe_mismatched = false;  // some element is mismatched, or too close to tell
  bool maybe_ratio = false;       // the record of error / |expected| may be broken
};

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_KERNEL_ONCE_

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// Without vectors there is no faster path than the exact one.
void CompareOnTarget(const TensorView&, const TensorView& expected, Accumulator& accumulator) {
  accumulator.AddExactly(0, expected.bytes.size() / DTypeSize(expected.dtype));
}

#else

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
constexpr bool IsSingle() { return sizeof(hn::TFromD<D>) == 4; }

// As many elements as `d` has lanes, converted to its type.
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const float* from) {
  const auto loaded = hn::LoadU(hn::Rebind<float, D>(), from);
  if constexpr (IsSingle<D>()) return loaded; else return hn::PromoteTo(d, loaded);
}
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const double* from) { return hn::LoadU(d, from); }
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::int32_t* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::int32_t, D>(), from));
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
    const auto half = hn::PromoteTo(di, hn::LoadU(hn::Rebind<std::int16_t, D>(), reinterpret_cast<const std::int16_t*>(from)));
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
HWY_INLINE hn::Vec<D> LoadAs(D d, const hwy::float16_t* from) { return LoadSmall(d, from); }
#endif
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const hwy::bfloat16_t* from) { return LoadSmall(d, from); }
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::int16_t* from) { return LoadSmall(d, from); }
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::int8_t* from) { return LoadSmall(d, from); }
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const std::uint8_t* from) { return LoadSmall(d, from); }
template <class D>
HWY_INLINE hn::Vec<D> LoadAs(D d, const BoolByte* from) {
  return hn::Min(LoadSmall(d, &from->value), hn::Set(d, 1));
}

// The error and both magnitudes (the actual one may keep its sign: it is only squared).
template <class D>
struct Loaded {
  hn::Vec<D> error, actual, expected;
};

template <class D, typename T>
HWY_INLINE Loaded<D> LoadPair(D d, const T* actual, const T* expected) {
  const auto a = LoadAs(d, actual);
  const auto e = LoadAs(d, expected);
  return {hn::Abs(hn::Sub(a, e)), a, hn::Abs(e)};
}
template <class D>
HWY_INLINE hn::Vec<D> Length(hn::Vec<D> x, hn::Vec<D> y) {
  return hn::Sqrt(hn::Add(hn::Mul(x, x), hn::Mul(y, y)));
}
template <class D>
HWY_INLINE Loaded<D> LoadPair(D d, const ComplexFloat* actual, const ComplexFloat* expected) {
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

// The largest distance in representable numbers, for floating types; nothing for the others.
template <class D, typename T>
struct UlpMaximum {
  HWY_INLINE void Clear() {}
  HWY_INLINE void Take(const T*, const T*) {}
  HWY_INLINE std::uint64_t Get() const { return 0; }
};

// On the line of numbers a float with its sign bit set counts downwards from zero.
template <class DI>
HWY_INLINE hn::Vec<DI> NumberOnLine(DI d, hn::Vec<DI> bits, hn::TFromD<DI> lowest) {
  return hn::IfThenElse(hn::Lt(bits, hn::Zero(d)), hn::Sub(hn::Set(d, lowest), bits), bits);
}

template <class DU>
struct UlpLanes {
  using DI = hn::RebindToSigned<DU>;
  hn::Vec<DU> largest;  // no initialiser: an implicit constructor would be compiled for the baseline

  HWY_INLINE void Clear() { largest = hn::Zero(DU()); }
  HWY_INLINE void Take(hn::Vec<DI> a, hn::Vec<DI> e, hn::TFromD<DI> lowest) {
    const DI d;
    const auto x = NumberOnLine(d, a, lowest);
    const auto y = NumberOnLine(d, e, lowest);
    const auto distance = hn::Sub(hn::Max(x, y), hn::Min(x, y));
    largest = hn::Max(largest, hn::BitCast(DU(), distance));
  }
  HWY_INLINE std::uint64_t Get() const {
    const DU d;
    hn::TFromD<DU> lanes[hn::MaxLanes(d)];
    hn::StoreU(largest, d, lanes);
    return *std::max_element(lanes, lanes + hn::Lanes(d));
  }
};

template <class D>
struct UlpMaximum<D, float> {
  UlpLanes<hn::RebindToUnsigned<hn::Rebind<float, D>>> lanes;
  HWY_INLINE void Clear() { lanes.Clear(); }
  HWY_INLINE void Take(const float* a, const float* e) {
    const hn::RebindToSigned<hn::Rebind<float, D>> d;
    lanes.Take(hn::BitCast(d, hn::LoadU(hn::Rebind<float, D>(), a)), hn::BitCast(d, hn::LoadU(hn::Rebind<float, D>(), e)),
               std::numeric_limits<std::int32_t>::min());
  }
  HWY_INLINE std::uint64_t Get() const { return lanes.Get(); }
};
template <class D>
struct UlpMaximum<D, double> {
  UlpLanes<hn::RebindToUnsigned<D>> lanes;
  HWY_INLINE void Clear() { lanes.Clear(); }
  HWY_INLINE void Take(const double* a, const double* e) {
    const hn::RebindToSigned<D> d;
    lanes.Take(hn::BitCast(d, hn::LoadU(D(), a)), hn::BitCast(d, hn::LoadU(D(), e)),
               std::numeric_limits<std::int64_t>::min());
  }
  HWY_INLINE std::uint64_t Get() const { return lanes.Get(); }
};
template <class D, typename Half>
struct UlpOfHalf {
  UlpLanes<hn::Rebind<std::uint32_t, D>> lanes;
  HWY_INLINE void Clear() { lanes.Clear(); }
  HWY_INLINE void Take(const Half* a, const Half* e) {
    const hn::Rebind<std::int32_t, D> wide;
    const hn::Rebind<std::int16_t, D> d;
    lanes.Take(hn::PromoteTo(wide, hn::LoadU(d, reinterpret_cast<const std::int16_t*>(a))),
               hn::PromoteTo(wide, hn::LoadU(d, reinterpret_cast<const std::int16_t*>(e))),
               std::numeric_limits<std::int16_t>::min());
  }
  HWY_INLINE std::uint64_t Get() const { return lanes.Get(); }
};
template <class D>
struct UlpMaximum<D, hwy::float16_t> : UlpOfHalf<D, hwy::float16_t> {};
template <class D>
struct UlpMaximum<D, hwy::bfloat16_t> : UlpOfHalf<D, hwy::bfloat16_t> {};

template <class D>
HWY_INLINE hn::TFromD<D> SumOf(D d, hn::Vec<D> v) { return hn::GetLane(hn::SumOfLanes(d, v)); }

// Sums of errors, squared errors and squared values, in double precision.
template <class D>
struct Sums {
  using DD = hn::Repartition<double, D>;
  using V = hn::Vec<DD>;
  V error, error_squared, actual_squared, expected_squared;

  HWY_INLINE void Clear() { error = error_squared = actual_squared = expected_squared = hn::Zero(DD()); }
  HWY_INLINE void TakeDouble(V e, V a, V x) {
    error = hn::Add(error, e);
    error_squared = hn::MulAdd(e, e, error_squared);
    actual_squared = hn::MulAdd(a, a, actual_squared);
    expected_squared = hn::MulAdd(x, x, expected_squared);
  }
  // `pair` as loaded from `a` and `e`, its errors as stored at `errors`.
  template <typename T>
  HWY_INLINE void Take(const Loaded<D>& pair, const T* a, const T* e, const hn::TFromD<D>* errors) {
    const DD dd;
    if constexpr (std::is_same_v<T, float> && IsSingle<D>()) {
      // Promoting from memory is one instruction, from a register two, and all of this is in the cache.
      const std::size_t half = hn::Lanes(dd);
      TakeDouble(LoadAs(dd, errors), LoadAs(dd, a), LoadAs(dd, e));
      TakeDouble(LoadAs(dd, errors + half), LoadAs(dd, a + half), LoadAs(dd, e + half));
    } else if constexpr (IsSingle<D>()) {
      const hn::Half<D> h;
      TakeDouble(hn::PromoteTo(dd, hn::LowerHalf(pair.error)), hn::PromoteTo(dd, hn::LowerHalf(pair.actual)),
                 hn::PromoteTo(dd, hn::LowerHalf(pair.expected)));
      TakeDouble(hn::PromoteTo(dd, hn::UpperHalf(h, pair.error)), hn::PromoteTo(dd, hn::UpperHalf(h, pair.actual)),
                 hn::PromoteTo(dd, hn::UpperHalf(h, pair.expected)));
    } else {
      TakeDouble(pair.error, pair.actual, pair.expected);
    }
  }
  HWY_INLINE void StoreTo(BlockSums& sums) const {
    const DD dd;
    sums.error = SumOf(dd, error);
    sums.error_squared = SumOf(dd, error_squared);
    sums.actual_squared = SumOf(dd, actual_squared);
    sums.expected_squared = SumOf(dd, expected_squared);
  }
};

// rtol |expected| + bound, rounded twice in double precision as the formula is defined.
template <class D>
HWY_INLINE hn::Vec<D> Allowed(hn::Vec<D> expected, hn::Vec<D> rtol, hn::Vec<D> bound) {
  if constexpr (IsSingle<D>()) return hn::MulAdd(expected, rtol, bound);
  return hn::Add(hn::Mul(expected, rtol), bound);
}

// Pass 1. `errors` receives the errors of the block.
template <typename C, typename T>
HWY_INLINE BlockView<C> FirstPass(const T* HWY_RESTRICT a, const T* HWY_RESTRICT e, std::size_t count,
                                  C* HWY_RESTRICT errors, const Thresholds<C>& t) {
  using D = hn::ScalableTag<C>;
  const D d;
  const auto rtol = hn::Set(d, t.rtol);
  const auto atol = hn::Set(d, t.atol);
  const auto ratio = hn::Set(d, t.max_ratio);
  auto max_error = hn::Zero(d);
  auto mismatched = hn::FirstN(d, 0);
  auto ratio_beaten = mismatched;
  UlpMaximum<D, T> ulp;
  Sums<D> sums;
  ulp.Clear();
  sums.Clear();
  BlockView<C> view;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    hwy::Prefetch(reinterpret_cast<const char*>(a + i) + kPrefetch);
    hwy::Prefetch(reinterpret_cast<const char*>(e + i) + kPrefetch);
    const Loaded<D> pair = LoadPair(d, a + i, e + i);
    hn::StoreU(pair.error, d, errors + i);
    max_error = hn::Max(max_error, pair.error);
    // Where atol is 0 this may also take equal zeros for suspects, which costs a look and changes nothing.
    const auto over = hn::Gt(pair.error, Allowed<D>(pair.expected, rtol, atol));
    mismatched = hn::Or(mismatched, over);
    ratio_beaten = hn::Or(ratio_beaten, hn::Gt(pair.error, hn::Mul(pair.expected, ratio)));
    ulp.Take(a + i, e + i);
    sums.Take(pair, a + i, e + i, errors + i);
  }
  sums.StoreTo(view.sums);
  view.sums.max_ulp = ulp.Get();
  view.max_error = hn::GetLane(hn::MaxOfLanes(d, max_error));
  view.maybe_mismatched = !hn::AllFalse(d, mismatched);
  view.maybe_ratio = !hn::AllFalse(d, ratio_beaten);
  return view;
}

// Counts set lanes of masks, in lanes: cheaper than counting the bits of each mask.
template <class D>
struct LaneCounter {
  using DI = hn::RebindToSigned<D>;
  hn::Vec<DI> counts;

  HWY_INLINE void Clear() { counts = hn::Zero(DI()); }
  HWY_INLINE void Take(hn::Mask<D> mask) {
    const DI d;
#if HWY_TARGET == HWY_AVX3
    counts = hn::IfThenElse(hn::RebindMask(d, mask), hn::Add(counts, hn::Set(d, 1)), counts);
#else
    counts = hn::Sub(counts, hn::BitCast(d, hn::VecFromMask(D(), mask)));
#endif
  }
  HWY_INLINE std::int64_t Get() const { return SumOf(DI(), counts); }
};

template <typename C>
HWY_INLINE std::int64_t CountAtLeast(const C* errors, std::size_t count, C bound) {
  using D = hn::ScalableTag<C>;
  const D d;
  const auto limit = hn::Set(d, bound);
  const std::size_t lanes = hn::Lanes(d);
  LaneCounter<D> even, odd;
  even.Clear();
  odd.Clear();
  for (std::size_t i = 0; i < count; i += 2 * lanes) {
    even.Take(hn::Ge(hn::LoadU(d, errors + i), limit));
    odd.Take(hn::Ge(hn::LoadU(d, errors + i + lanes), limit));
  }
  return even.Get() + odd.Get();
}

// Pass 2: counts by decade from the largest error downwards. Returns how many errors are above zero.
template <typename C>
HWY_INLINE std::int64_t CountDecades(const C* errors, std::size_t count, C max_error, DecadeCounts& decades) {
  const std::int64_t differing = CountAtLeast(errors, count, std::numeric_limits<C>::denorm_min());
  std::int64_t above = 0;
  for (int decade = DecadeOf(max_error); above < differing; --decade) {
    const std::int64_t reached = CountAtLeast(errors, count, PowerAtLeast<C>(decade));
    decades.Add(decade, reached - above);
    above = reached;
  }
  return differing;
}

// Pass 3 in the computing type: how many are mismatched for certain, and whether a record of theirs may be broken.
struct MismatchView {
  std::int64_t mismatched = 0;        // for certain
  std::int64_t maybe_mismatched = 0;  // these, and those too close to tell
  bool maybe_record = false;
};

template <typename C, typename T>
HWY_INLINE MismatchView MismatchPass(const T* HWY_RESTRICT a, const T* HWY_RESTRICT e, std::size_t count,
                                     const Thresholds<C>& t) {
  using D = hn::ScalableTag<C>;
  const D d;
  const auto rtol = hn::Set(d, t.rtol);
  const auto rtol_above = hn::Set(d, t.rtol_above);
  const auto atol_above = hn::Set(d, t.atol_above);
  const auto atol = hn::Set(d, t.atol);
  const auto worst = hn::Set(d, t.worst_excess);
  const auto needed = hn::Set(d, t.needed_rtol);
  const auto grown = hn::Set(d, t.grown);
  auto broken = hn::FirstN(d, 0);
  LaneCounter<D> certain, possible;
  certain.Clear();
  possible.Clear();
  MismatchView view;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Loaded<D> pair = LoadPair(d, a + i, e + i);
    const auto over = hn::Gt(pair.error, Allowed<D>(pair.expected, rtol_above, atol_above));
    certain.Take(over);
    const auto error = hn::Mul(pair.error, grown);
    const auto farther = IsSingle<D>() ? hn::Gt(error, hn::MulAdd(pair.expected, rtol, worst))
                                       : hn::Gt(hn::Sub(error, hn::Mul(pair.expected, rtol)), worst);
    const auto needier = hn::Gt(error, Allowed<D>(pair.expected, needed, atol));
    const auto candidate = hn::Gt(pair.error, hn::Max(Allowed<D>(pair.expected, rtol, atol), hn::Zero(d)));
    possible.Take(candidate);
    broken = hn::Or(broken, hn::And(candidate, hn::Or(farther, needier)));
  }
  view.mismatched = certain.Get();
  view.maybe_mismatched = possible.Get();
  view.maybe_record = !hn::AllFalse(d, broken);
  return view;
}

// Looks at a block again, in double precision and in steps: how much is mismatched, and where a record is broken.
template <typename T>
HWY_NOINLINE void SecondLook(const T* a, const T* e, std::size_t begin, std::size_t count, BlockSums& sums,
                             Accumulator& accumulator) {
  HWY_ALIGN double errors[kStep];
  auto t = Thresholds<double>::Of(accumulator.tolerance(), accumulator.records());
  sums.mismatched = 0;
  for (std::size_t i = 0; i < count; i += kStep) {
    const BlockView<double> view = FirstPass<double>(a + i, e + i, kStep, errors, t);
    bool record = view.max_error > t.max_error || view.maybe_ratio;
    if (view.maybe_mismatched) {
      const MismatchView mismatches = MismatchPass<double>(a + i, e + i, kStep, t);
      sums.mismatched += mismatches.mismatched;
      record = record || mismatches.maybe_record;
    }
    if (!record) continue;
    accumulator.UpdateRecords(begin + i, kStep);
    t = Thresholds<double>::Of(accumulator.tolerance(), accumulator.records());
  }
}

inline bool AllFinite(const BlockSums& sums) {
  return std::isfinite(sums.error_squared + sums.actual_squared + sums.expected_squared);
}

// Whether the block in `view` may break a record, or has elements too close to the tolerance to tell.
template <typename C, typename T>
HWY_INLINE bool NeedsSecondLook(const T* a, const T* e, std::size_t count, BlockView<C>& view,
                                const Thresholds<C>& t) {
  const bool record = view.maybe_ratio || view.max_error > t.max_error;
  if (!view.maybe_mismatched) return record;
  const MismatchView mismatches = MismatchPass<C>(a, e, count, t);
  view.sums.mismatched = mismatches.mismatched;
  return record || mismatches.maybe_record || mismatches.mismatched != mismatches.maybe_mismatched;
}

enum class Seen { kRoutine, kNewRecords, kNonFinite };

// One block, or step, `begin` being its place in the tensors. Takes in nothing of it where it is not all finite.
template <typename C, typename T>
HWY_INLINE Seen CompareBlock(const T* a, const T* e, std::size_t begin, std::size_t count, const Thresholds<C>& t,
                             Accumulator& accumulator) {
  HWY_ALIGN C errors[kBlock];
  BlockView<C> view = FirstPass<C>(a, e, count, errors, t);
  if (!AllFinite(view.sums)) return Seen::kNonFinite;
  bool again = false;
  if (view.max_error > 0) {
    again = NeedsSecondLook(a, e, count, view, t);
    if (again) SecondLook(a, e, begin, count, view.sums, accumulator);
    view.sums.differing = CountDecades(errors, count, view.max_error, accumulator.decades());
  }
  accumulator.Add(view.sums);
  return again ? Seen::kNewRecords : Seen::kRoutine;
}

// A block with a NaN or Inf somewhere: only the steps that hold one are looked at element by element.
template <typename C, typename T>
HWY_NOINLINE void CompareInSteps(const T* a, const T* e, std::size_t begin, Accumulator& accumulator) {
  for (std::size_t i = 0; i < kBlock; i += kStep) {
    const auto t = Thresholds<C>::Of(accumulator.tolerance(), accumulator.records());
    const Seen seen = CompareBlock(a + i, e + i, begin + i, kStep, t, accumulator);
    if (seen == Seen::kNonFinite) accumulator.AddExactly(begin + i, kStep);
  }
}

template <typename C, typename T>
HWY_NOINLINE void CompareAs(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  const auto* a = reinterpret_cast<const T*>(actual.bytes.data());
  const auto* e = reinterpret_cast<const T*>(expected.bytes.data());
  const std::size_t count = expected.bytes.size() / sizeof(T);
  auto t = Thresholds<C>::Of(accumulator.tolerance(), accumulator.records());
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const Seen seen = CompareBlock(a + i, e + i, i, kBlock, t, accumulator);
    if (seen == Seen::kRoutine) continue;
    if (seen == Seen::kNonFinite) CompareInSteps<C>(a + i, e + i, i, accumulator);
    t = Thresholds<C>::Of(accumulator.tolerance(), accumulator.records());
  }
  accumulator.AddExactly(i, count - i);
}

// Sum of squares of a block that both sides share.
template <typename T>
HWY_INLINE double SumOfSquares(const T* from, std::size_t count) {
  const hn::ScalableTag<double> d;
  auto sum = hn::Zero(d);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto loaded = hn::LoadU(hn::Rebind<T, hn::ScalableTag<double>>(), from + i);
    if constexpr (std::is_integral_v<T>) {
      const auto value = hn::ConvertTo(d, loaded);
      sum = hn::MulAdd(value, value, sum);
    } else {
      sum = hn::MulAdd(loaded, loaded, sum);
    }
  }
  return SumOf(d, sum);
}

// For types whose differences no vector type holds: blocks that are equal byte for byte at once, others one by one.
// An element is `kParts` numbers of type T.
template <typename T, std::size_t kParts>
HWY_NOINLINE void CompareWide(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  const auto* a = reinterpret_cast<const T*>(actual.bytes.data());
  const auto* e = reinterpret_cast<const T*>(expected.bytes.data());
  const std::size_t count = expected.bytes.size() / (sizeof(T) * kParts);
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const std::size_t at = i * kParts;
    BlockSums sums;
    const bool equal = std::memcmp(a + at, e + at, kBlock * kParts * sizeof(T)) == 0;
    if (equal) sums.actual_squared = sums.expected_squared = SumOfSquares(e + at, kBlock * kParts);
    if (equal && AllFinite(sums)) {
      accumulator.Add(sums);
    } else {
      accumulator.AddExactly(i, kBlock);
    }
  }
  accumulator.AddExactly(i, count - i);
}

void CompareOnTarget(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  switch (expected.dtype) {
    case DType::kF16: return CompareAs<float, hwy::float16_t>(actual, expected, accumulator);
    case DType::kBF16: return CompareAs<float, hwy::bfloat16_t>(actual, expected, accumulator);
    case DType::kF32: return CompareAs<float, float>(actual, expected, accumulator);
    case DType::kF64: return CompareAs<double, double>(actual, expected, accumulator);
    case DType::kI8: return CompareAs<float, std::int8_t>(actual, expected, accumulator);
    case DType::kI16: return CompareAs<float, std::int16_t>(actual, expected, accumulator);
    case DType::kI32: return CompareAs<double, std::int32_t>(actual, expected, accumulator);
    case DType::kI64: return CompareWide<std::int64_t, 1>(actual, expected, accumulator);
    case DType::kU8: return CompareAs<float, std::uint8_t>(actual, expected, accumulator);
    case DType::kBool: return CompareAs<float, BoolByte>(actual, expected, accumulator);
    case DType::kC64: return CompareAs<double, ComplexFloat>(actual, expected, accumulator);
    case DType::kC128: return CompareWide<double, 2>(actual, expected, accumulator);
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
