// Survey: what one pass in single precision says about a block, and the lines that it holds errors against.
//
// Every bound here is a line: an error is allowed so much, and so much of |expected|. Rounding never swaps two numbers.
// So an error above a line, rounded, is not below a lower line, rounded.

#ifndef VALIDATOR_COMPARE_SURVEY_H_
#define VALIDATOR_COMPARE_SURVEY_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "validator/compare/accumulator.h"
#include "validator/compare/block.h"

namespace torchassay {

// absolute + relative |expected|, a little below what it was made from.
struct Line {
  float absolute = 0;
  float relative = 0;

  // Above zero, so that no error at all is below every line; far below any error that is not tiny.
  static constexpr float kLeast = 1e-37f;
  // Lower errors are lost in what was added to a line, or in roundings of subnormal numbers.
  static constexpr float kTiny = 1e-28f;
  // In representable numbers, what a line is at most too low, roundings of the error and of the line included.
  static constexpr std::uint32_t kSteps = 16;

  static Line Below(double absolute, double relative) { return {AbsoluteBelow(absolute), RelativeBelow(relative)}; }

  // Whether Below() is lower by no more than kSteps, for any |expected|.
  static bool Holds(double absolute, double relative) {
    constexpr double kMin = std::numeric_limits<float>::min(), kMax = std::numeric_limits<float>::max();
    return absolute >= 0 && absolute <= kMax && (relative == 0 || (relative >= kMin && relative <= kMax));
  }

 private:
  static float AbsoluteBelow(double value) {
    const auto rounded = static_cast<float>(std::min<double>(value * (1 - 1e-15), std::numeric_limits<float>::max()));
    return std::max(rounded <= value * (1 - 1e-15) ? rounded : std::nextafter(rounded, 0.0f), kLeast);
  }
  // By two steps more: without a fused multiplication the product is rounded as well.
  static float RelativeBelow(double value) {
    constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
    const double below = std::min<double>(value * (1 - 3 * kEpsilon), std::numeric_limits<float>::max());
    return below < std::numeric_limits<float>::min() ? 0 : static_cast<float>(below);
  }
};

// The lines of all that a block is held against.
struct SurveyLines {
  Line tolerance;
  float quiet = 0;  // no error up to this times |expected| breaks a record of ratio or ULP, or one of `needed`, if ...
  bool quiet_covers_needed = false;
  // The records.
  Line error, ratio, excess, needed;
  // Nothing beats an infinite record.
  bool ratio_open = true;
  bool needed_open = true;
};

struct Survey {
  BlockSums sums;  // all but `max_ulp`, `differing` and `mismatched`
  float max_error = 0;
  float min_error = 0;        // 0 also where mismatched elements were not counted
  bool over_quiet = false;    // some error is above `quiet` |expected|
  bool may_mismatch = false;  // some error is not below the line of the tolerance
  // Where they were counted, the errors that are not below that line; and whether none of them is so near that it may
  // be within the tolerance.
  std::int64_t mismatched = 0;
  bool mismatched_is_exact = false;

  // A sum of squares above this holds none that counts and was rounded to nothing.
  static constexpr double kLeastSquares = 1e-30;

  // Whether all elements are finite, and no square overflowed or was rounded to nothing.
  bool IsInRange() const {
    return std::isfinite(sums.error_squared + sums.actual_squared + sums.expected_squared) &&
           std::min({sums.error_squared, sums.actual_squared, sums.expected_squared}) > kLeastSquares;
  }
  // Whether neither side is much longer than the other, as a vector. The cosine loses what one is longer.
  bool IsOfLikeLengths() const {
    return sums.actual_squared < kSquaresApart * sums.expected_squared &&
           sums.expected_squared < kSquaresApart * sums.actual_squared;
  }

  static constexpr double kSquaresApart = 16;
};

// The largest ratio of error and |expected| that means at most `ulp`. Between the two lie steps of at least
// 2^-precision of the lesser magnitude, which is at least |expected| (1 - ratio). A ratio below 1 also means the same
// sign.
inline double RatioWithin(std::uint64_t ulp, int precision) {
  const auto steps = static_cast<double>(ulp);
  return steps / (steps + std::ldexp(1, precision));
}

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_SURVEY_H_
