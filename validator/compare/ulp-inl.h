// ULP: the largest distance of a block in representable numbers, by the bits of both sides.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "validator/compare/lanes-inl.h"

#if defined(VALIDATOR_COMPARE_ULP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_ULP_INL_H_
#undef VALIDATOR_COMPARE_ULP_INL_H_
#else
#define VALIDATOR_COMPARE_ULP_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// On the line of numbers a float with its sign bit set counts downwards from zero.
template <class DI>
HWY_INLINE hn::Vec<DI> NumberOnLine(DI d, hn::Vec<DI> bits, hn::TFromD<DI> lowest) {
  return hn::IfThenElse(hn::Lt(bits, hn::Zero(d)), hn::Sub(hn::Set(d, lowest), bits), bits);
}

// Two numbers of the same sign are as far apart as their bits, which takes half the work. Where the signs of some pair
// differ, kAny has to be asked instead; kOpposite looks only at such pairs.
enum class Signs { kSame, kAny, kOpposite };

template <class DU, Signs kSigns>
struct UlpLanes {
  using DI = hn::RebindToSigned<DU>;
  hn::Vec<DU> largest;
  hn::Vec<DI> signs;  // negative where a pair had two

  HWY_INLINE void Clear() {
    largest = hn::Zero(DU());
    signs = hn::Zero(DI());
  }
  HWY_INLINE void Take(hn::Vec<DI> a, hn::Vec<DI> e, hn::TFromD<DI> lowest) {
    const DI d;
    if constexpr (kSigns == Signs::kSame) {
      signs = hn::Or(signs, hn::Xor(a, e));
      largest = hn::Max(largest, hn::BitCast(DU(), hn::Abs(hn::Sub(a, e))));
    } else {
      const auto x = NumberOnLine(d, a, lowest);
      const auto y = NumberOnLine(d, e, lowest);
      const auto distance = hn::Sub(hn::Max(x, y), hn::Min(x, y));
      largest = hn::Max(largest, hn::BitCast(DU(), distance));
    }
  }
  HWY_INLINE bool Crossed() const {
    const DI d;
    return !hn::AllFalse(d, hn::Lt(signs, hn::Zero(d)));
  }
  HWY_INLINE std::uint64_t Get() const {
    const DU d;
    hn::TFromD<DU> lanes[hn::MaxLanes(d)];
    hn::StoreU(largest, d, lanes);
    return *std::max_element(lanes, lanes + hn::Lanes(d));
  }
};

// Only pairs of two signs, which are as far apart as both magnitudes together.
template <class DU>
struct UlpLanes<DU, Signs::kOpposite> {
  static_assert(sizeof(hn::TFromD<DU>) == 4);
  using DI = hn::RebindToSigned<DU>;
  hn::Vec<DI> largest;  // less 2^31, which the sign bit of one of the two takes away
  hn::Vec<DI> none;

  HWY_INLINE void Clear() { largest = none = hn::Set(DI(), hwy::LimitsMin<hn::TFromD<DI>>()); }
  HWY_INLINE void Take(hn::Vec<DI> a, hn::Vec<DI> e, hn::TFromD<DI>) {
    largest = hn::Max(largest, hn::IfNegativeThenElse(hn::Xor(a, e), hn::Add(a, e), none));
  }
  HWY_INLINE bool Crossed() const { return false; }
  HWY_INLINE std::uint64_t Get() const {
    return static_cast<std::uint64_t>(std::int64_t{LargestOf(DI(), largest)} -
                                      std::numeric_limits<std::int32_t>::min());
  }
};

// Nothing for types that are not floating. D has as many lanes as elements are taken at once.
template <class D, typename T, Signs kSigns>
struct UlpMaximum {
  HWY_INLINE void Clear() {}
  HWY_INLINE void Take(const T*, const T*) {}
  HWY_INLINE bool Crossed() const { return false; }
  HWY_INLINE std::uint64_t Get() const { return 0; }
};

// Floating types of the same width as the lanes.
template <class D, typename T, Signs kSigns>
struct UlpOfWhole {
  UlpLanes<hn::RebindToUnsigned<D>, kSigns> lanes;
  HWY_INLINE void Clear() { lanes.Clear(); }
  HWY_INLINE void Take(const T* a, const T* e) {
    using DI = hn::RebindToSigned<D>;
    const DI d;
    lanes.Take(hn::BitCast(d, hn::LoadU(D(), a)), hn::BitCast(d, hn::LoadU(D(), e)),
               std::numeric_limits<hn::TFromD<DI>>::min());
  }
  HWY_INLINE bool Crossed() const { return lanes.Crossed(); }
  HWY_INLINE std::uint64_t Get() const { return lanes.Get(); }
};
template <class D, Signs kSigns>
struct UlpMaximum<D, float, kSigns> : UlpOfWhole<D, float, kSigns> {};
template <class D, Signs kSigns>
struct UlpMaximum<D, double, kSigns> : UlpOfWhole<D, double, kSigns> {};

template <class D, typename Half, Signs kSigns>
struct UlpOfHalf {
  UlpLanes<hn::Rebind<std::uint32_t, D>, kSigns> lanes;
  HWY_INLINE void Clear() { lanes.Clear(); }
  HWY_INLINE void Take(const Half* a, const Half* e) {
    const hn::Rebind<std::int32_t, D> wide;
    const hn::Rebind<std::int16_t, D> d;
    lanes.Take(hn::PromoteTo(wide, hn::LoadU(d, reinterpret_cast<const std::int16_t*>(a))),
               hn::PromoteTo(wide, hn::LoadU(d, reinterpret_cast<const std::int16_t*>(e))),
               std::numeric_limits<std::int16_t>::min());
  }
  HWY_INLINE bool Crossed() const { return lanes.Crossed(); }
  HWY_INLINE std::uint64_t Get() const { return lanes.Get(); }
};
template <class D, Signs kSigns>
struct UlpMaximum<D, hwy::float16_t, kSigns> : UlpOfHalf<D, hwy::float16_t, kSigns> {};
template <class D, Signs kSigns>
struct UlpMaximum<D, hwy::bfloat16_t, kSigns> : UlpOfHalf<D, hwy::bfloat16_t, kSigns> {};

// The largest of a block: of all pairs, or of those with two signs.
template <Signs kSigns, typename T>
HWY_NOINLINE std::uint64_t UlpOfBlock(const T* HWY_RESTRICT a, const T* HWY_RESTRICT e, const Ahead& ahead) {
  using D = hn::ScalableTag<ErrorType<T>>;
  UlpMaximum<D, T, kSigns> ulp;
  ulp.Clear();
  ForEachVector(D(), ahead, [&](std::size_t i) HWY_ATTR __attribute__((always_inline)) { ulp.Take(a + i, e + i); });
  return ulp.Get();
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_ULP_INL_H_
