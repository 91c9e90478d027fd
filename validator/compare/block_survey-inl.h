// SurveyBlock: one pass in single precision that is enough for most blocks, where the last ones were like it.
//
// It says what certainly is not there: a mismatch, a record, a distance in ULP above the largest. Whatever may be there
// is left to a closer look.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cstddef>
#include <cstdint>

#include "validator/compare/block.h"
#include "validator/compare/block_sums-inl.h"
#include "validator/compare/lanes-inl.h"
#include "validator/compare/survey.h"

#if defined(VALIDATOR_COMPARE_BLOCK_SURVEY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_BLOCK_SURVEY_INL_H_
#undef VALIDATOR_COMPARE_BLOCK_SURVEY_INL_H_
#else
#define VALIDATOR_COMPARE_BLOCK_SURVEY_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// At most 256 bits: of unaligned data fewer loads then cross from one line of the cache into the next, and Zen 4
// computes no faster with 512.
using Single = hn::CappedTag<float, 8>;
using SingleBits = hn::RebindToSigned<Single>;

constexpr std::size_t kGroup = 16;  // vectors that are added up in two sets of sums: eight numbers to a lane

HWY_INLINE double SumInDouble(hn::Vec<Single> sums) {
  const hn::Half<Single> half;
  const hn::Rebind<double, hn::Half<Single>> d;
  return SumOf(d, hn::PromoteTo(d, hn::Add(hn::LowerHalf(half, sums), hn::UpperHalf(half, sums))));
}

// Sums in single precision. Few numbers are added up in one lane before that goes into the next level of sums, so that
// roundings do not pile up.
struct SingleSums {
  hn::Vec<Single> error, error_squared, actual_squared, expected_squared;

  HWY_INLINE void Clear() { error = error_squared = actual_squared = expected_squared = hn::Zero(Single()); }
  // The squares of the actual side only if `kBoth`.
  template <bool kBoth>
  HWY_INLINE void Take(const PairLanes<Single>& pair) {
    error = hn::Add(error, pair.error);
    error_squared = hn::MulAdd(pair.error, pair.error, error_squared);
    if constexpr (kBoth) actual_squared = hn::MulAdd(pair.actual, pair.actual, actual_squared);
    expected_squared = hn::MulAdd(pair.expected, pair.expected, expected_squared);
  }
  HWY_INLINE void Add(const SingleSums& other) {
    error = hn::Add(error, other.error);
    error_squared = hn::Add(error_squared, other.error_squared);
    actual_squared = hn::Add(actual_squared, other.actual_squared);
    expected_squared = hn::Add(expected_squared, other.expected_squared);
  }
  HWY_INLINE void AddTo(BlockSums& sums) const {
    sums.error += SumInDouble(error);
    sums.error_squared += SumInDouble(error_squared);
    sums.actual_squared += SumInDouble(actual_squared);
    sums.expected_squared += SumInDouble(expected_squared);
  }
};

// The bits of floats that are not negative are in the order of the floats, and integers compare at twice the rate. Of a
// difference only the sign matters, which the bits show as well.
HWY_INLINE hn::Vec<SingleBits> BitsOfSingle(hn::Vec<Single> v) { return hn::BitCast(SingleBits(), v); }

// Whether both sides of a block are equal bit by bit; and the sum of squares of either, in groups like those of a
// survey. No pass is nearer to a plain read, which needs nobody to ask for memory.
template <typename T>
HWY_INLINE bool IsEqual(const T* a, const T* e, double& squares) {
  const Single d;
  const SingleBits bits;
  const std::size_t lanes = hn::Lanes(d);
  auto total = hn::Zero(d);
  for (std::size_t group = 0; group < kBlock; group += kGroup * lanes) {
    auto even = hn::Zero(d), odd = hn::Zero(d);
    auto differences = hn::Zero(bits);
    const auto take = [&](std::size_t i, hn::Vec<Single>& sum) HWY_ATTR __attribute__((always_inline)) {
      const auto value = LoadAs(d, e + i);
      differences = hn::Or(differences, hn::Xor(BitsOfSingle(value), BitsOfSingle(LoadAs(d, a + i))));
      sum = hn::MulAdd(value, value, sum);
    };
    for (std::size_t i = group; i < group + kGroup * lanes; i += 2 * lanes) {
      take(i, even);
      take(i + lanes, odd);
    }
    if (!hn::AllTrue(bits, hn::Eq(differences, hn::Zero(bits)))) return false;
    total = hn::Add(total, hn::Add(even, odd));
  }
  squares = SumInDouble(total);
  return true;
}

// How many steps of representable numbers an error is above a line; negative below it.
HWY_INLINE hn::Vec<SingleBits> StepsAbove(const PairLanes<Single>& pair, hn::Vec<Single> absolute,
                                          hn::Vec<Single> relative) {
  return hn::Sub(BitsOfSingle(pair.error), BitsOfSingle(hn::MulAdd(relative, pair.expected, absolute)));
}

template <Mismatches kMismatches>
struct SurveyLanes {
  static constexpr bool kNeverQuiet = kMismatches == Mismatches::kNeverQuiet || kMismatches == Mismatches::kNegligible;
  using DI = SingleBits;
  using DU = hn::RebindToUnsigned<DI>;
  hn::Vec<Single> absolute, relative, quiet;
  hn::Vec<DI> max_error, over_quiet, most_steps;
  hn::Vec<DI> min_error;
  hn::Vec<DU> least_steps;  // of those that are not negative, which are the lesser unsigned numbers
  hn::Vec<DI> below;        // minus the number of those that are negative

  HWY_INLINE void Start(const SurveyLines& lines) {
    const Single d;
    absolute = hn::Set(d, lines.tolerance.absolute);
    relative = hn::Set(d, lines.tolerance.relative);
    quiet = hn::Set(d, lines.quiet);
    max_error = over_quiet = below = hn::Zero(DI());
    most_steps = hn::Set(DI(), hwy::LimitsMin<std::int32_t>());
    min_error = hn::Set(DI(), hwy::LimitsMax<std::int32_t>());
    least_steps = hn::Set(DU(), hwy::LimitsMax<std::uint32_t>());
  }
  HWY_INLINE void Take(const PairLanes<Single>& pair) {
    max_error = hn::Max(max_error, BitsOfSingle(pair.error));
    over_quiet = hn::Max(over_quiet, BitsOfSingle(hn::NegMulAdd(quiet, pair.expected, pair.error)));
    if constexpr (kNeverQuiet) return;
    const auto steps = StepsAbove(pair, absolute, relative);
    if constexpr (kMismatches == Mismatches::kCounted) {
      min_error = hn::Min(min_error, BitsOfSingle(pair.error));
      least_steps = hn::Min(least_steps, hn::BitCast(DU(), steps));
      below = hn::Add(below, hn::BroadcastSignBit(steps));
    } else {
      most_steps = hn::Max(most_steps, steps);
    }
  }
  HWY_INLINE Survey Get() const {
    Survey survey;
    survey.max_error = hn::GetLane(hn::BitCast(Single(), hn::MaxOfLanes(DI(), max_error)));
    survey.over_quiet = LargestOf(DI(), over_quiet) > 0;
    if constexpr (kMismatches == Mismatches::kCounted) {
      survey.min_error = hn::GetLane(hn::BitCast(Single(), hn::MinOfLanes(DI(), min_error)));
      survey.mismatched = static_cast<std::int64_t>(kBlock) + SumOf(DI(), below);
      survey.mismatched_is_exact = hn::GetLane(hn::MinOfLanes(DU(), least_steps)) > Line::kSteps;
      survey.may_mismatch = survey.mismatched > 0;
    } else if constexpr (kNeverQuiet) {
      survey.may_mismatch = survey.over_quiet;
    } else {
      survey.may_mismatch = LargestOf(DI(), most_steps) >= 0;
    }
    return survey;
  }
};

// Stores the errors too. With kNegligible, the actual side is as long as the expected one unless some error is not
// quiet.
template <Mismatches kMismatches, typename T>
HWY_NOINLINE Survey SurveyBlock(const T* HWY_RESTRICT a, const T* HWY_RESTRICT e, float* HWY_RESTRICT errors,
                                const SurveyLines& lines, const Ahead& ahead) {
  const Single d;
  const std::size_t lanes = hn::Lanes(d);
  SurveyLanes<kMismatches> survey_lanes;
  survey_lanes.Start(lines);
  SingleSums total;
  total.Clear();
  for (std::size_t group = 0; group < kBlock; group += kGroup * lanes) {
    SingleSums even, odd;
    even.Clear();
    odd.Clear();
    const auto take = [&](std::size_t i, SingleSums& sums) HWY_ATTR __attribute__((always_inline)) {
      const auto pair = LoadPair(d, a + i, e + i);
      hn::Store(pair.error, d, errors + i);
      sums.template Take<kMismatches != Mismatches::kNegligible>(pair);
      survey_lanes.Take(pair);
    };
    for (std::size_t i = group; i < group + kGroup * lanes; i += 4 * lanes) {
      Ask(ahead, i);
      take(i, even);
      take(i + lanes, odd);
      take(i + 2 * lanes, even);
      take(i + 3 * lanes, odd);
    }
    even.Add(odd);
    total.Add(even);
  }
  Survey survey = survey_lanes.Get();
  if constexpr (kMismatches == Mismatches::kNegligible) total.actual_squared = total.expected_squared;
  total.AddTo(survey.sums);
  return survey;
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_SURVEY_INL_H_
