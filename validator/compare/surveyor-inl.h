// Surveyor: takes in blocks of which a survey says enough, and looks closer where it leaves something open.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "validator/compare/accumulator.h"
#include "validator/compare/block.h"
#include "validator/compare/block_decades-inl.h"
#include "validator/compare/block_records-inl.h"
#include "validator/compare/block_sums-inl.h"
#include "validator/compare/block_survey-inl.h"
#include "validator/compare/element_types.h"
#include "validator/compare/survey.h"
#include "validator/compare/ulp-inl.h"

#if defined(VALIDATOR_COMPARE_SURVEYOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_SURVEYOR_INL_H_
#undef VALIDATOR_COMPARE_SURVEYOR_INL_H_
#else
#define VALIDATOR_COMPARE_SURVEYOR_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// The bits of the mantissa of a floating type, with the one that is not stored; 0 of other types.
template <typename T>
constexpr int Precision() {
  if constexpr (std::is_same_v<T, float>) return 24;
  if constexpr (std::is_same_v<T, hwy::float16_t>) return 11;
  if constexpr (std::is_same_v<T, hwy::bfloat16_t>) return 8;
  return 0;
}

// For types whose errors are floats.
template <typename T, typename C = ErrorType<T>>
class Surveyor {
 public:
  explicit Surveyor(Accumulator& accumulator)
      : accumulator_(accumulator),
        holds_tolerance_(Line::Holds(accumulator.tolerance().atol, accumulator.tolerance().rtol)) {
    SetLines();
  }

  // Takes in the block at byte `at`, or nothing and returns false.
  HWY_INLINE bool Take(const T* a, const T* e, std::size_t at, const Ahead& ahead) {
    if (!IsReady()) return false;
    if (TakeEqual(a, e) || TakeBySurvey(a, e, at, ahead)) return true;
    careful_ = kCarefulBlocks;
    return false;
  }

  // Is to be told when another has taken in a block whose largest distance is `max_ulp`, and has updated records.
  HWY_INLINE void FollowRecords(std::uint64_t max_ulp) {
    RaiseMaxUlp(max_ulp);
    SetLines();
  }

 private:
  // Small tensors have sums of double precision, and records are soon high enough to be rarely broken.
  static constexpr int kFirstBlocks = 64;
  static constexpr int kCarefulBlocks = 16;
  static constexpr int kBlocksLikeThis = 64;
  static constexpr float kNegligible = 1.5e-6f;   // a ratio of errors whose lengths the cosine does not tell apart
  static constexpr std::size_t kFirstBytes = 64;  // which tell most blocks that are not equal
  static constexpr std::uint64_t kFarApart = (std::uint64_t{1} << Precision<T>()) / 4;  // with a ratio of a quarter

  // Is to be asked once for each block.
  HWY_INLINE bool IsReady() {
    if (careful_ == 0) return holds_tolerance_;
    --careful_;
    return false;
  }

  HWY_INLINE bool TakeEqual(const T* a, const T* e) {
    double squares = 0;
    if (std::memcmp(a, e, kFirstBytes) != 0 || !IsEqual(a, e, squares)) return false;
    if (squares <= Survey::kLeastSquares) squares = SumOfSquares(e, {});
    if (!std::isfinite(squares)) return false;
    BlockSums sums;
    sums.actual_squared = sums.expected_squared = squares;
    accumulator_.Add(sums);
    return true;
  }

  HWY_INLINE bool TakeBySurvey(const T* a, const T* e, std::size_t at, const Ahead& ahead) {
    HWY_ALIGN float errors[kBlock];
    SetQuiet();
    Pace pace(ahead, weight_);
    Survey survey = Look(a, e, errors, pace.Next(4));
    if (!survey.IsInRange() || !survey.IsOfLikeLengths()) return false;
    const DecadesOfBlock found = AddDecades(errors, survey, pace);
    // Rounding may hide anything about an error that is tiny.
    const bool doubtful = Powers<float>::AtLeast()[found.lowest] < Line::kTiny;
    BlockSums& sums = survey.sums;
    sums.differing = found.differing;
    sums.mismatched = CountMismatched(a, e, survey, doubtful, pace);
    sums.max_ulp = MaxUlp(a, e, survey, doubtful, pace);
    const bool mismatched = sums.mismatched > 0;
    const Chunks chunks = doubtful ? kAllChunks : SuspectChunks(a, e, errors, survey, mismatched, pace);
    UpdateRecords(a, e, at, chunks, mismatched);
    weight_ = std::min(pace.done(), last_weight_);
    last_weight_ = pace.done();
    accumulator_.Add(sums);
    return true;
  }

  HWY_INLINE DecadesOfBlock AddDecades(const float* errors, const Survey& survey, Pace& pace) {
    const int largest = decade_.Of(survey.max_error);
    if (survey.min_error < Powers<float>::AtLeast()[largest]) {
      return CountDecades(errors, largest, accumulator_.decades(), pace);
    }
    accumulator_.decades().Add(largest, kBlock);
    return {kBlock, largest};
  }

  HWY_INLINE Survey Look(const T* a, const T* e, float* errors, const Ahead& ahead) const {
    if (mismatching_ > 0) return SurveyBlock<Mismatches::kCounted>(a, e, errors, lines_, ahead);
    if (lines_.quiet > lines_.tolerance.relative) return SurveyBlock<Mismatches::kNone>(a, e, errors, lines_, ahead);
    if (lines_.quiet > kNegligible) return SurveyBlock<Mismatches::kNeverQuiet>(a, e, errors, lines_, ahead);
    Survey survey = SurveyBlock<Mismatches::kNegligible>(a, e, errors, lines_, ahead);
    if (survey.over_quiet) survey.sums.actual_squared = SumOfSquares(a, {});
    return survey;
  }

  HWY_INLINE std::int64_t CountMismatched(const T* a, const T* e, const Survey& survey, bool doubtful, Pace& pace) {
    std::int64_t mismatched = 0;
    if (survey.mismatched_is_exact && !doubtful) {
      mismatched = survey.mismatched;
    } else if (survey.may_mismatch || doubtful) {
      mismatched = SumBlock<Mismatches::kCounted>(a, e, accumulator_.tolerance(), pace.Next(6)).sums.mismatched;
    }
    if (mismatched > 0) {
      mismatching_ = kBlocksLikeThis;
    } else if (mismatching_ > 0) {
      --mismatching_;
    }
    return mismatched;
  }

  // That of the block, or 0 where it is not above the one of all blocks so far.
  HWY_INLINE std::uint64_t MaxUlp(const T* a, const T* e, const Survey& survey, bool doubtful, Pace& pace) {
    if (Precision<T>() == 0 || (!survey.over_quiet && !doubtful && far_apart_ == 0)) return 0;
    const std::uint64_t ulp = UlpOf(a, e, survey, pace.Next(2));
    RaiseMaxUlp(ulp);
    if (ulp >= kFarApart) {
      far_apart_ = kBlocksLikeThis;
    } else if (far_apart_ > 0) {
      --far_apart_;
    }
    return ulp;
  }

  HWY_INLINE std::uint64_t UlpOf(const T* a, const T* e, const Survey& survey, const Ahead& ahead) const {
    if constexpr (std::is_same_v<T, float>) {
      if (OnlyOppositeSignsRaise(survey)) return UlpOfBlock<Signs::kOpposite>(a, e, ahead);
    }
    return UlpOfBlock<Signs::kAny>(a, e, ahead);
  }

  // Two numbers of the same sign are not further apart than the larger is from 0, and no number of a block is larger
  // than the length of all.
  HWY_INLINE bool OnlyOppositeSignsRaise(const Survey& survey) const {
    return std::max(survey.sums.actual_squared, survey.sums.expected_squared) < nearer_squared_;
  }

  // Of the float that is `ulp` from 0.
  static double SquareOfNumber(std::uint64_t ulp) {
    constexpr std::uint64_t kInfinity = 0x7f800000;
    const auto bits = static_cast<std::uint32_t>(std::min(ulp, kInfinity));
    float number;
    std::memcpy(&number, &bits, sizeof(number));
    return static_cast<double>(number) * number;
  }

  HWY_INLINE Chunks SuspectChunks(const T* a, const T* e, const float* errors, const Survey& survey, bool mismatched,
                                  Pace& pace) const {
    Chunks chunks = 0;
    if (survey.max_error >= lines_.error.absolute) {
      chunks |= ChunksExceeding(a, e, ChunksAbove(errors, e, lines_.error, pace.Next(2)), 0,
                                accumulator_.records().max_error.value);
    }
    if (survey.over_quiet && lines_.ratio_open) chunks |= ChunksAbove(errors, e, lines_.ratio, pace.Next(2));
    if (!mismatched) return chunks;
    if (survey.max_error >= lines_.excess.absolute) {
      chunks |= ChunksExceeding(a, e, ChunksAbove(errors, e, lines_.excess, pace.Next(2)),
                                accumulator_.tolerance().rtol, accumulator_.records().worst_excess.value);
    }
    if (lines_.needed_open && (survey.over_quiet || !lines_.quiet_covers_needed)) {
      chunks |= ChunksAbove(errors, e, lines_.needed, pace.Next(2));
    }
    return chunks;
  }

  HWY_INLINE void UpdateRecords(const T* a, const T* e, std::size_t at, Chunks chunks, bool mismatched) {
    if (chunks == 0) return;
    if (UpdateRecordsByChunks(a, e, at / sizeof(T), chunks, mismatched, accumulator_)) SetLines();
  }

  HWY_INLINE void RaiseMaxUlp(std::uint64_t ulp) {
    if (ulp <= max_ulp_ || Precision<T>() == 0) return;
    max_ulp_ = ulp;
    if constexpr (std::is_same_v<T, float>) nearer_squared_ = 0.999 * SquareOfNumber(ulp);
    quiet_in_ulp_ = Line::Below(0, RatioWithin(ulp, Precision<T>())).relative;
  }

  void SetLines() {
    const Tolerance& tolerance = accumulator_.tolerance();
    const Records& records = accumulator_.records();
    lines_.tolerance = Line::Below(tolerance.atol, tolerance.rtol);
    lines_.error = Line::Below(records.max_error.value, 0);
    lines_.ratio = Line::Below(0, records.max_ratio.value);
    lines_.excess = Line::Below(records.worst_excess.value, tolerance.rtol);
    lines_.needed = Line::Below(tolerance.atol, records.needed_rtol);
    lines_.ratio_open = !std::isinf(records.max_ratio.value);
    lines_.needed_open = !std::isinf(records.needed_rtol);
  }

  // Depends on what is to be expected: it is of no use where the next block will likely be above it.
  HWY_INLINE void SetQuiet() {
    lines_.quiet_covers_needed = mismatching_ > 0 && lines_.needed.relative > lines_.ratio.relative / 2;
    lines_.quiet = far_apart_ > 0 ? std::numeric_limits<float>::max() : quiet_in_ulp_;
    if (lines_.ratio_open) lines_.quiet = std::min(lines_.quiet, lines_.ratio.relative);
    if (lines_.quiet_covers_needed) lines_.quiet = std::min(lines_.quiet, lines_.needed.relative);
  }

  Accumulator& accumulator_;
  const bool holds_tolerance_;
  SurveyLines lines_;
  NearbyDecade<float> decade_;
  std::uint64_t max_ulp_ = 0;
  double nearer_squared_ = 0;  // numbers with a lesser square are nearer to 0 than `max_ulp_`
  float quiet_in_ulp_ =
      Precision<T>() == 0 ? std::numeric_limits<float>::max() : 0;  // no ratio up to it breaks max_ulp_
  std::uint32_t weight_ = 8;  // of the passes over the next block that are sure to come
  std::uint32_t last_weight_ = 8;
  // For how many more blocks ...
  int careful_ = kFirstBlocks;  // ... a survey is not worth trying
  int mismatching_ = 0;         // ... mismatched elements are to be expected
  int far_apart_ = 0;           // ... distances are to be expected of which no ratio says anything
};

// For the others it takes nothing.
template <typename T>
class Surveyor<T, double> {
 public:
  explicit Surveyor(Accumulator&) {}
  HWY_INLINE bool Take(const T*, const T*, std::size_t, const Ahead&) { return false; }
  HWY_INLINE bool TakeEqual(const T*, const Ahead&) { return false; }
  HWY_INLINE void FollowRecords(std::uint64_t) {}
};

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_SURVEYOR_INL_H_
