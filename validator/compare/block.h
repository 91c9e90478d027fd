// Block: what one pass over two thousand elements says about them, and what it is held against.

#ifndef VALIDATOR_COMPARE_BLOCK_H_
#define VALIDATOR_COMPARE_BLOCK_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "validator/compare/accumulator.h"

namespace torchassay {

constexpr std::size_t kBlock = 2048;  // elements: both sides and the errors of f32 are half of a first-level cache
constexpr std::size_t kChunk = 16;    // elements: what is looked at one by one where a record is broken

// The block after the one at hand. Every pass over a block asks for a part of it, because memory that waits for a pass
// which asks for nothing is the time lost.
struct Ahead {
  const std::byte* actual = nullptr;
  const std::byte* expected = nullptr;
  std::size_t bytes = 0;

  Ahead Part(std::size_t from, std::size_t to, std::size_t of) const {
    return {actual + bytes * from / of, expected + bytes * from / of, bytes * (to - from) / of};
  }
};

// The lines that a pass is held against.
struct Bounds {
  double rtol = 0;
  double atol = 0;
  float rtol_below = 0;  // so far below that single precision, with its rounding, lets no mismatch pass unseen
  float atol_below = 0;
  double ratio = 0;   // the record of error / |expected|; 0 where it is infinite, which nothing beats
  double needed = 0;  // the record of (error - atol) / |expected|, likewise

  // A product that is a subnormal float has lost its relative precision; this covers them all.
  static constexpr float kSubnormal = 4 * std::numeric_limits<float>::min();

  static float Below(double value) {
    return static_cast<float>(std::min<double>(value * (1 - 0x1p-21), std::numeric_limits<float>::max()));
  }
  static Bounds Of(const Tolerance& tolerance, const Records& records) {
    const auto finite = [](double record) { return std::isinf(record) ? 0 : record; };
    return {tolerance.rtol,
            tolerance.atol,
            Below(tolerance.rtol),
            Below(tolerance.atol) - kSubnormal,
            finite(records.max_ratio.value),
            finite(records.needed_rtol)};
  }
};

struct BlockView {
  BlockSums sums;  // all but `differing`
  double max_error = 0;
  double over_ratio = 0;    // the most that an error is above `ratio` |expected|
  double max_excess = 0;    // of error - rtol |expected|
  double over_needed = 0;   // the most that an error is above `needed` |expected|
  bool crossed = false;     // some pair has two signs, which `max_ulp` did not expect
  bool suspicious = false;  // some element may be mismatched; nothing about it was measured

  bool AllFinite() const { return std::isfinite(sums.error_squared + sums.actual_squared + sums.expected_squared); }

  // Whether some element may break a record. Products are rounded, so this may be true of one that equals it.
  bool MayBreak(const Records& records, const Tolerance& tolerance) const {
    if (max_error > records.max_error.value) return true;
    if (over_ratio > 0 && !std::isinf(records.max_ratio.value)) return true;
    if (sums.mismatched == 0) return false;
    if (max_excess > records.worst_excess.value) return true;
    return over_needed > tolerance.atol - 1e-15 * max_error && !std::isinf(records.needed_rtol);
  }
};

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_BLOCK_H_
