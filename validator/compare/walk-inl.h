// Walk: two tensors from the first block to the last.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "validator/compare/accumulator.h"
#include "validator/compare/block.h"
#include "validator/compare/block_decades-inl.h"
#include "validator/compare/block_records-inl.h"
#include "validator/compare/block_screen-inl.h"
#include "validator/compare/block_sums-inl.h"
#include "validator/compare/element_types.h"
#include "validator/compare/lanes-inl.h"
#include "validator/compare/non_finite-inl.h"
#include "validator/compare/surveyor-inl.h"
#include "validator/tensor/tensor.h"

#if defined(VALIDATOR_COMPARE_WALK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_WALK_INL_H_
#undef VALIDATOR_COMPARE_WALK_INL_H_
#else
#define VALIDATOR_COMPARE_WALK_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// Two tensors whose elements are of type T, from the first block to the last.
template <typename T>
class Walk {
 public:
  Walk(const TensorView& actual, const TensorView& expected, Accumulator& accumulator)
      : actual_(actual.bytes.data()), expected_(expected.bytes.data()), bytes_(expected.bytes.size()),
        aligned_(IsAligned(actual_) && IsAligned(expected_)), accumulator_(accumulator),
        bounds_(Bounds<C>::Of(accumulator.tolerance(), accumulator.records())), surveyor_(accumulator) {}

  HWY_INLINE void Run() {
    for (std::size_t at = 0; at < bytes_; at += kBytes) {
      if (aligned_ && at + kBytes <= bytes_) {
        Compare(reinterpret_cast<const T*>(actual_ + at), reinterpret_cast<const T*>(expected_ + at), at);
      } else {
        ComparePadded(at);
      }
    }
  }

 private:
  using C = ErrorType<T>;
  static constexpr std::size_t kBytes = kBlock * sizeof(T);
  static constexpr int kSubnormalDecade = sizeof(C) == 4 ? -38 : -308;  // in which subnormal numbers begin
  static constexpr int kBlocksOfAnySign = 64;

  static bool IsAligned(const std::byte* from) { return reinterpret_cast<std::uintptr_t>(from) % alignof(T) == 0; }
  Ahead AheadOf(std::size_t at) const { return {actual_ + at + kBytes, expected_ + at + kBytes, kBytes}; }

  // What is shorter than a block, or not aligned, in a copy; zeros on both sides count for nothing.
  HWY_NOINLINE void ComparePadded(std::size_t at) {
    HWY_ALIGN T a[kBlock] = {};
    HWY_ALIGN T e[kBlock] = {};
    const std::size_t bytes = std::min(kBytes, bytes_ - at);
    std::memcpy(static_cast<void*>(a), actual_ + at, bytes);
    std::memcpy(static_cast<void*>(e), expected_ + at, bytes);
    Compare(a, e, at);
  }

  HWY_INLINE void Compare(const T* a, const T* e, std::size_t at) {
    if (non_finite_ || !CompareFinite(a, e, at, AheadOf(at))) CompareWithout(a, e, at);
  }

  // Takes in nothing, and returns false, where an element or a sum is not finite.
  HWY_INLINE bool CompareFinite(const T* a, const T* e, std::size_t at, const Ahead& ahead) {
    if (surveyor_.Take(a, e, at, ahead)) return true;
    return std::memcmp(a, e, kBytes) == 0 ? AddEqual(e, ahead) : CompareCarefully(a, e, at, ahead);
  }

  HWY_NOINLINE bool CompareCarefully(const T* a, const T* e, std::size_t at, const Ahead& ahead) {
    HWY_ALIGN C errors[kBlock];
    Pace pace(ahead, 8);
    const Screening<C> screening = Screen(a, e, errors, pace.Next(3));
    BlockTotals totals = Sum(a, e, screening.MayMismatch(bounds_), pace.Next(3));
    // An error may be finite and too large for its type.
    if (!totals.AllFinite() || totals.max_error > std::numeric_limits<C>::max()) return false;
    totals.sums.max_ulp = screening.max_ulp;
    if (totals.max_error > 0) AddDifferences(a, e, at, errors, screening, totals, pace);
    accumulator_.Add(totals.sums);
    surveyor_.FollowRecords(totals.sums.max_ulp);
    return true;
  }

  HWY_INLINE Screening<C> Screen(const T* a, const T* e, C* errors, const Ahead& ahead) {
    if (any_sign_ == 0) {
      const Screening<C> screening = ScreenBlock<Signs::kSame>(a, e, errors, bounds_, ahead);
      if (!screening.crossed) return screening;
      any_sign_ = kBlocksOfAnySign;
    }
    --any_sign_;
    return ScreenBlock<Signs::kAny>(a, e, errors, bounds_, ahead);
  }

  HWY_INLINE BlockTotals Sum(const T* a, const T* e, bool may_mismatch, const Ahead& ahead) {
    return may_mismatch ? SumBlock<Mismatches::kCounted>(a, e, accumulator_.tolerance(), ahead)
                        : SumBlock<Mismatches::kNone>(a, e, accumulator_.tolerance(), ahead);
  }

  HWY_INLINE bool AddEqual(const T* e, const Ahead& ahead) {
    BlockSums sums;
    sums.actual_squared = sums.expected_squared = SumOfSquares(e, ahead);
    if (!std::isfinite(sums.actual_squared)) return false;
    accumulator_.Add(sums);
    return true;
  }

  HWY_INLINE void AddDifferences(const T* a, const T* e, std::size_t at, const C* errors, const Screening<C>& screening,
                                 BlockTotals& totals, Pace& pace) {
    const int decade = decade_.Of(static_cast<C>(totals.max_error));
    const DecadesOfBlock found = CountDecades(errors, decade, accumulator_.decades(), pace);
    totals.sums.differing = found.differing;
    const bool mismatched = totals.sums.mismatched > 0;
    if (totals.max_error > accumulator_.records().max_error.value || found.lowest <= kSubnormalDecade ||
        screening.MayBreak(bounds_, mismatched)) {
      UpdateRecords(a, e, at, mismatched);
    }
  }

  HWY_NOINLINE void UpdateRecords(const T* a, const T* e, std::size_t at, bool mismatched) {
    UpdateRecordsByChunks(a, e, at / sizeof(T), kAllChunks, mismatched, accumulator_);
    bounds_ = Bounds<C>::Of(accumulator_.tolerance(), accumulator_.records());
  }

  HWY_NOINLINE void CompareWithout(const T* a, const T* e, std::size_t at) {
    HWY_ALIGN T a_clean[kBlock];
    HWY_ALIGN T e_clean[kBlock];
    const Ahead ahead = AheadOf(at);
    non_finite_ = TakeOut(a, e, at / sizeof(T), a_clean, e_clean, ahead, accumulator_);
    // A sum of finite numbers can overflow: then one by one.
    const T* a_finite = non_finite_ ? a_clean : a;
    const T* e_finite = non_finite_ ? e_clean : e;
    if (!CompareFinite(a_finite, e_finite, at, {})) accumulator_.AddFinite(at / sizeof(T), kBlock);
  }

  const std::byte* const actual_;
  const std::byte* const expected_;
  const std::size_t bytes_;
  const bool aligned_;
  Accumulator& accumulator_;
  Bounds<C> bounds_;
  // What the last blocks were like; the next are likely the same.
  bool non_finite_ = false;
  int any_sign_ = 0;  // for how many more blocks pairs of two signs are to be expected
  NearbyDecade<C> decade_;
  Surveyor<T> surveyor_;
};

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_WALK_INL_H_
