// Block: what the passes over two thousand elements say about them, and what they are held against.

#ifndef VALIDATOR_COMPARE_BLOCK_H_
#define VALIDATOR_COMPARE_BLOCK_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "validator/compare/accumulator.h"

namespace torchassay {

constexpr std::size_t kBlock = 1024;  // elements: both sides and the errors of f32 are most of a first-level cache
constexpr std::size_t kChunk = 16;    // elements: what is looked at one by one where a record is broken

// The block after the one at hand. Every pass over a block asks for a part of it, because memory that waits for a pass
// which asks for nothing is the time lost.
struct Ahead {
  static constexpr std::byte kNowhere{};  // to ask for an address that no page has takes long

  const std::byte* actual = &kNowhere;
  const std::byte* expected = &kNowhere;
  std::size_t bytes = 0;
};

// Spreads what is to be asked for over the passes over a block, by how long each takes: asked for faster, memory would
// not follow, and slower, the last of it would be late.
class Pace {
 public:
  // REQUIRES: total > 0, the weights of all passes together, as far as they are foreseen.
  Pace(const Ahead& ahead, std::uint32_t total)
      : ahead_(ahead), unit_(static_cast<std::uint32_t>(ahead.bytes) / total) {}

  // The part of a pass of this weight; nothing for passes beyond those that were foreseen.
  Ahead Next(std::uint32_t weight) {
    const std::size_t from = std::min<std::size_t>(unit_ * done_, ahead_.bytes);
    done_ += weight;
    const std::size_t to = std::min<std::size_t>(unit_ * done_, ahead_.bytes);
    return {ahead_.actual + from, ahead_.expected + from, to - from};
  }
  // The weights of the passes so far.
  std::uint32_t done() const { return done_; }

 private:
  const Ahead ahead_;
  const std::uint32_t unit_;  // bytes to a weight of 1
  std::uint32_t done_ = 0;
};

// The tolerance and the records, so far below that no rounding of C, which errors are screened in, lets anything above
// one of them pass unseen.
template <typename C>
struct Bounds {
  // A product that is subnormal has lost its relative precision; this covers them all.
  static constexpr C kSubnormal = 4 * std::numeric_limits<C>::min();

  C rtol = 0;
  C atol = 0;
  C ratio = 0;   // the record of error / |expected|
  C excess = 0;  // the record of error - rtol |expected|
  C needed = 0;  // the record of (error - atol) / |expected|
  // Nothing beats an infinite record.
  bool ratio_open = true;
  bool needed_open = true;

  static C Below(double value) {
    const double below = value * (1 - 8 * static_cast<double>(std::numeric_limits<C>::epsilon()));
    return static_cast<C>(std::min<double>(below, std::numeric_limits<C>::max()));
  }
  static Bounds Of(const Tolerance& tolerance, const Records& records) {
    return {Below(tolerance.rtol),           Below(tolerance.atol) - kSubnormal,
            Below(records.max_ratio.value),  Below(records.worst_excess.value) - kSubnormal,
            Below(records.needed_rtol),      !std::isinf(records.max_ratio.value),
            !std::isinf(records.needed_rtol)};
  }
};

// What a look at a block in the type C of its errors tells: rounded, but on the safe side of every bound.
template <typename C>
struct Screening {
  C excess = 0;       // the most that an error is above `rtol` |expected|
  C over_ratio = 0;   // the most that an error is above `ratio` |expected|
  C over_needed = 0;  // the most that an error is above `needed` |expected|
  std::uint64_t max_ulp = 0;
  bool crossed = false;  // some pair has two signs, which `max_ulp` did not expect

  bool MayMismatch(const Bounds<C>& bounds) const { return excess > bounds.atol; }
  // Whether an element may break a record other than that of errors. REQUIRES: no error is subnormal; a difference of
  // such is rounded to nothing.
  bool MayBreak(const Bounds<C>& bounds, bool mismatched) const {
    return (over_ratio > 0 && bounds.ratio_open) ||
           (mismatched && (excess > bounds.excess || (over_needed > bounds.atol && bounds.needed_open)));
  }
};

// What a block adds to the whole.
struct BlockTotals {
  BlockSums sums;  // all but `max_ulp` and `differing`
  double max_error = 0;
  bool AllFinite() const { return std::isfinite(sums.error_squared + sums.actual_squared + sums.expected_squared); }
};

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_BLOCK_H_
