// Window: the decades that most errors of a block are expected in, as they were in those of the last.
//
// Errors inside are counted with two comparisons each. Those outside are few; they are put aside, next to each other,
// and counted decade by decade.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "validator/compare/block.h"
#include "validator/compare/block_decades-inl.h"
#include "validator/compare/decades.h"
#include "validator/compare/lanes-inl.h"

#if defined(VALIDATOR_COMPARE_BLOCK_WINDOW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_BLOCK_WINDOW_INL_H_
#undef VALIDATOR_COMPARE_BLOCK_WINDOW_INL_H_
#else
#define VALIDATOR_COMPARE_BLOCK_WINDOW_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// At most 256 bits: of unaligned data fewer loads then cross from one line of the cache into the next, and Zen 4
// computes no faster with 512.
using Single = hn::CappedTag<float, 8>;
using SingleBits = hn::RebindToSigned<Single>;

constexpr std::size_t kGroup = 16;  // vectors that go through all steps of a survey together

// The bits of floats that are not negative are in the order of the floats, and integers compare at twice the rate. Of a
// difference only the sign matters, which the bits show as well.
HWY_INLINE hn::Vec<SingleBits> BitsOfSingle(hn::Vec<Single> v) { return hn::BitCast(SingleBits(), v); }

// Three decades, `top` the highest; or only errors of zero.
struct Window {
  bool zeros = true;
  int top = 0;
};

// The errors of a block that are not in its window, in any order.
struct Outside {
  std::size_t count = 0;
  // A vector is stored whole, however much of it counts, and what is counted is padded to four.
  static constexpr std::size_t kPadding = 64;
  // Those of the group at hand, inside or not. Before the others, not where the stack puts it: stores that end in the
  // same twelve bits of an address as a load would hold that up.
  HWY_ALIGN float group[kGroup * hn::MaxLanes(Single())];
  HWY_ALIGN float errors[kBlock + kPadding];

  // Puts zeros behind the last.
  void Pad() { std::memset(errors + count, 0, kPadding * sizeof(float)); }
};

struct WindowCounts {
  std::int64_t reach_top = 0;     // errors from the highest decade on, those above the window included
  std::int64_t reach_middle = 0;  // from the second on
};

// The lanes of a mask first. Highway's own has its table as a local array, which GCC copies to the stack every time.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
HWY_INLINE hn::Vec<Single> CompressLanes(hn::Vec<Single> v, hn::Mask<Single> mask, std::uint8_t) {
  return hn::Compress(v, mask);
}
#else
HWY_INLINE hn::Vec<Single> CompressLanes(hn::Vec<Single> v, hn::Mask<Single>, std::uint8_t bits) {
  const hn::RebindToUnsigned<Single> d;
  const auto shifts = hn::ShiftLeft<2>(hn::Iota(d, 0));
  const auto lanes = hn::And(hn::Shr(hn::Set(d, kSetLanes[bits]), shifts), hn::Set(d, hn::Lanes(d) - 1));
  return hn::TableLookupLanes(v, hn::IndicesFromVec(Single(), lanes));
}
#endif

struct WindowLanes {
  using DI = SingleBits;
  ReachCounter<Single> top, middle;
  hn::Vec<DI> bias, limit;  // outside are those whose bits, with `bias` added, are above `limit`

  HWY_INLINE void Start(const Window& window) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const Powers<float>& powers = Powers<float>::AtLeast();
    top.Start(window.zeros ? kInfinity : powers[window.top]);
    middle.Start(window.zeros ? kInfinity : powers[window.top - 1]);
    const std::uint32_t low = window.zeros ? 0 : Bits(powers[window.top - 2]);
    const std::uint32_t high = window.zeros ? 1 : Bits(powers[window.top + 1]);
    constexpr std::uint32_t kLowest = 0x80000000;  // moves the least unsigned number to the least signed one
    bias = hn::Set(DI(), static_cast<std::int32_t>(kLowest - low));
    limit = hn::Set(DI(), static_cast<std::int32_t>(kLowest + (high - low) - 1 + (high == low)));
  }
  // Stores those outside at `outside`, and returns where the next belong.
  HWY_INLINE float* Take(hn::Vec<Single> error, float* outside) {
    const Single d;
    top.Take(error);
    middle.Take(error);
    const auto is_outside = hn::RebindMask(d, hn::Gt(hn::Add(BitsOfSingle(error), bias), limit));
    std::uint8_t bits;
    hn::StoreMaskBits(d, is_outside, &bits);
    hn::StoreU(CompressLanes(error, is_outside, bits), d, outside);
    return outside + hwy::PopCount(bits);
  }
  HWY_INLINE WindowCounts Get() const { return {top.Get(), middle.Get()}; }

 private:
  static std::uint32_t Bits(float number) {
    std::uint32_t bits;
    std::memcpy(&bits, &number, sizeof(bits));
    return bits;
  }
};

// The errors of a block, decade by decade.
class BlockDecades {
 public:
  explicit BlockDecades(DecadeCounts& counts) : counts_(counts) {}

  HWY_INLINE void Add(int decade, std::int64_t count) {
    if (count == 0) return;
    counts_.Add(decade, count);
    differing_ += count;
    lowest_ = std::min(lowest_, decade);
    if (count <= most_) return;
    most_ = count;
    commonest_ = decade;
  }

  std::int64_t differing() const { return differing_; }  // errors above zero
  int lowest() const { return lowest_; }                 // no error above zero is in a decade below this one
  // What would have had most errors of this block inside.
  Window NextWindow() const {
    return static_cast<std::int64_t>(kBlock) - differing_ > most_ ? Window{true, 0} : Window{false, commonest_ + 1};
  }

 private:
  DecadeCounts& counts_;
  std::int64_t differing_ = 0;
  std::int64_t most_ = 0;
  int commonest_ = 0;
  int lowest_ = kHighestDecade;
};

// REQUIRES: `largest` is the decade of the largest error.
HWY_INLINE void CountOutside(const Window& window, const WindowCounts& inside, Outside& outside, int largest,
                             BlockDecades& decades) {
  std::int64_t above = 0;  // the window
  if (outside.count > 0) {
    outside.Pad();
    const bool any_above = window.zeros || largest > window.top;
    CountDecades(outside.errors, outside.count, any_above ? largest : window.top - 3,
                 [&](int decade, std::int64_t count) {
                   decades.Add(decade, count);
                   if (decade > window.top) above += count;
                 });
  }
  if (window.zeros) return;
  const auto all_inside = static_cast<std::int64_t>(kBlock - outside.count);
  decades.Add(window.top, inside.reach_top - above);
  decades.Add(window.top - 1, inside.reach_middle - inside.reach_top);
  decades.Add(window.top - 2, all_inside + above - inside.reach_middle);
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_WINDOW_INL_H_
