// BlockDecades: the errors of a block counted by power of ten, from the cache.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "validator/compare/block.h"
#include "validator/compare/decades.h"
#include "validator/compare/lanes-inl.h"

#if defined(VALIDATOR_COMPARE_BLOCK_DECADES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_BLOCK_DECADES_INL_H_
#undef VALIDATOR_COMPARE_BLOCK_DECADES_INL_H_
#else
#define VALIDATOR_COMPARE_BLOCK_DECADES_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// Vectors of 256 bits, compared into vectors: on Zen 4 to compare into a mask register takes four times as long.
template <typename C>
using DecadeLanes = hn::CappedTag<C, 32 / sizeof(C)>;

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
HWY_INLINE hn::Vec256<std::int32_t> WhereGreater(hn::Vec256<std::int32_t> a, hn::Vec256<std::int32_t> b) {
  return hn::Vec256<std::int32_t>{_mm256_cmpgt_epi32(a.raw, b.raw)};
}
HWY_INLINE hn::Vec256<std::int64_t> WhereGreater(hn::Vec256<std::int64_t> a, hn::Vec256<std::int64_t> b) {
  return hn::Vec256<std::int64_t>{_mm256_cmpgt_epi64(a.raw, b.raw)};
}
#else
template <class V>
HWY_INLINE V WhereGreater(V a, V b) {
  return hn::VecFromMask(hn::DFromV<V>(), hn::Gt(a, b));
}
#endif

// Counts the errors that reach a bound. Integers compare at twice the rate of floats, and the bits of floats that are
// not negative are in the same order.
template <class D>
struct ReachCounter {
  using C = hn::TFromD<D>;
  using DI = hn::RebindToSigned<D>;
  hn::Vec<DI> below;  // the bits of the number before the bound
  hn::Vec<DI> counts;

  HWY_INLINE void Start(C bound) {
    below = hn::Sub(hn::BitCast(DI(), hn::Set(D(), bound)), hn::Set(DI(), 1));
    counts = hn::Zero(DI());
  }
  HWY_INLINE void Take(hn::Vec<D> error) { counts = hn::Sub(counts, WhereGreater(hn::BitCast(DI(), error), below)); }
  HWY_INLINE std::int64_t Get() const { return SumOf(DI(), counts); }
};

// How many errors reach each of four bounds.
using Reached = std::array<std::int64_t, 4>;
template <typename C>
HWY_NOINLINE Reached CountReaching(const C* errors, const std::array<C, 4>& bounds, const Ahead& ahead) {
  using D = DecadeLanes<C>;
  const D d;
  ReachCounter<D> first, second, third, fourth;
  first.Start(bounds[0]);
  second.Start(bounds[1]);
  third.Start(bounds[2]);
  fourth.Start(bounds[3]);
  ForEachVector(d, ahead, [&](std::size_t i) HWY_ATTR __attribute__((always_inline)) {
    const auto error = hn::Load(d, errors + i);
    first.Take(error);
    second.Take(error);
    third.Take(error);
    fourth.Take(error);
  });
  return {first.Get(), second.Get(), third.Get(), fourth.Get()};
}

// The decade of a number that is likely near the last one: a step or two instead of a logarithm.
template <typename C>
class NearbyDecade {
 public:
  // REQUIRES: number > 0, finite.
  HWY_INLINE int Of(C number) {
    while (number < powers_[decade_]) --decade_;
    while (number >= powers_[decade_ + 1]) ++decade_;
    return decade_;
  }

 private:
  const Powers<C>& powers_ = Powers<C>::AtLeast();
  int decade_ = 0;
};

struct DecadesOfBlock {
  std::int64_t differing;  // errors above zero
  int lowest;              // no error above zero is in a decade below this one
};

// Counts by decade from that of the largest error downwards, several at a time; each pass is of weight 2.
template <typename C>
HWY_INLINE DecadesOfBlock CountDecades(const C* errors, int largest, DecadeCounts& decades, Pace& pace) {
  const Powers<C>& powers = Powers<C>::AtLeast();
  int lowest = largest + 1;
  std::int64_t above = 0;  // errors in the decades from `lowest` on
  const auto add = [&](std::int64_t reaching) {
    --lowest;
    decades.Add(lowest, reaching - above);
    above = reaching;
  };
  // Every error is below the decade after the largest; a denormal bound counts what differs at all.
  Reached reached = CountReaching<C>(
      errors, {std::numeric_limits<C>::denorm_min(), powers[largest], powers[largest - 1], powers[largest - 2]},
      pace.Next(2));
  const std::int64_t differing = reached[0];
  for (std::size_t i = 1; i < reached.size() && above < differing; ++i) add(reached[i]);
  while (above < differing) {
    reached = CountReaching<C>(errors, {powers[lowest - 1], powers[lowest - 2], powers[lowest - 3], powers[lowest - 4]},
                               pace.Next(2));
    for (std::size_t i = 0; i < reached.size() && above < differing; ++i) add(reached[i]);
  }
  return {differing, lowest};
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_DECADES_INL_H_
