// BlockDecades: the errors of a block counted by power of ten, from the cache.
//
// Included once for each target by kernel.cc, as Highway wants it.

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

struct Reached {
  std::int64_t first, second;
};

// How many errors reach each of two bounds.
template <typename C>
HWY_INLINE Reached CountReaching(const C* errors, C first, C second, const Ahead& ahead) {
  using D = hn::ScalableTag<C>;
  const D d;
  const auto first_bound = hn::Set(d, first);
  const auto second_bound = hn::Set(d, second);
  LaneCounter<D> reaching_first, reaching_second;
  reaching_first.Clear();
  reaching_second.Clear();
  ForEachVector(d, ahead, [&](std::size_t i) HWY_ATTR __attribute__((always_inline)) {
    const auto error = hn::Load(d, errors + i);
    reaching_first.Take(hn::Ge(error, first_bound));
    reaching_second.Take(hn::Ge(error, second_bound));
  });
  return {reaching_first.Get(), reaching_second.Get()};
}

struct DecadesOfBlock {
  std::int64_t differing;  // errors above zero
  int lowest;              // no error above zero is in a decade below this one
};

// Counts by decade from that of the largest error downwards, two at a time.
template <typename C>
HWY_INLINE DecadesOfBlock CountDecades(const C* errors, int largest, DecadeCounts& decades, const Ahead& ahead) {
  // Every error is below the decade after the largest; denormal bounds count what differs at all.
  Reached reached = CountReaching(errors, std::numeric_limits<C>::denorm_min(), PowerAtLeast<C>(largest), ahead);
  const std::int64_t differing = reached.first;
  decades.Add(largest, reached.second);
  std::int64_t above = reached.second;
  int lowest = largest;
  for (; above < differing; lowest -= 2) {
    reached = CountReaching(errors, PowerAtLeast<C>(lowest - 1), PowerAtLeast<C>(lowest - 2), {});
    decades.Add(lowest - 1, reached.first - above);
    if (reached.first < differing) decades.Add(lowest - 2, reached.second - reached.first);
    above = reached.second;
  }
  return {differing, lowest};
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_DECADES_INL_H_
