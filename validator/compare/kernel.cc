// How it is fast: the data is taken in blocks that stay in the first-level cache.
//
//   1. A block that is equal byte by byte has no errors: only its squares are added up.
//   2. Any other is read in one pass that computes everything in double precision (block_pass-inl.h).
//   3. Only where errors occur: they are counted by decade, from the cache (block_decades-inl.h).
//   4. Only where a record is broken: the chunks that break it are looked at one by one (block_records-inl.h).
//   5. Only where a NaN or Inf was met: a copy without them goes through all of this instead (non_finite-inl.h).

#include "validator/compare/kernel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "validator/compare/block.h"
#include "validator/compare/element_types.h"

// SSE4, AVX2 and AVX-512 are enough on x86; SSSE3 would gain nobody anything.
#define HWY_DISABLED_TARGETS HWY_SSSE3
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "validator/compare/kernel.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#if HWY_TARGET != HWY_SCALAR
#include "validator/compare/block_decades-inl.h"
#include "validator/compare/block_pass-inl.h"
#include "validator/compare/block_records-inl.h"
#include "validator/compare/lanes-inl.h"
#include "validator/compare/non_finite-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// Without vectors there is no faster path than the exact one.
void CompareOnTarget(const TensorView&, const TensorView& expected, Accumulator& accumulator) {
  accumulator.AddExactly(0, expected.bytes.size() / DTypeSize(expected.dtype));
}

#else

// Sums of a block that both sides share.
template <typename T>
HWY_INLINE double SumOfSquares(const T* from, const Ahead& ahead) {
  const hn::ScalableTag<double> d;
  auto sum = hn::Zero(d);
  for (std::size_t i = 0; i < kBlock; i += hn::Lanes(d)) {
    Ask(ahead, i);
    const auto value = LoadPair(d, from + i, from + i).actual;
    sum = hn::MulAdd(value, value, sum);
  }
  return SumOf(d, sum);
}

// Two tensors whose elements are of type T, from the first block to the last.
template <typename T>
class Walk {
 public:
  Walk(const TensorView& actual, const TensorView& expected, Accumulator& accumulator)
      : actual_(actual.bytes.data()), expected_(expected.bytes.data()), bytes_(expected.bytes.size()),
        aligned_(IsAligned(actual_) && IsAligned(expected_)), accumulator_(accumulator),
        bounds_(Bounds::Of(accumulator.tolerance(), accumulator.records())) {}

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
  static constexpr std::size_t kBytes = kBlock * sizeof(T);
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
    if (non_finite_ || !CompareFinite(a, e, at)) CompareWithout(a, e, at);
  }

  // Takes in nothing, and returns false, where an element or a sum is not finite.
  HWY_INLINE bool CompareFinite(const T* a, const T* e, std::size_t at) {
    const Ahead ahead = AheadOf(at);
    if (std::memcmp(a, e, kBytes) == 0) return AddEqual(e, ahead);
    HWY_ALIGN ErrorType<T> errors[kBlock];
    BlockView view = Pass(a, e, errors, ahead.Part(0, 3, 4));
    // An error may be finite and too large for its type.
    if (!view.AllFinite() || view.max_error > std::numeric_limits<ErrorType<T>>::max()) return false;
    if (view.max_error > 0) AddDifferences(a, e, at, errors, view, ahead.Part(3, 4, 4));
    accumulator_.Add(view.sums);
    return true;
  }

  // Of the four kinds of pass the cheapest that the last blocks allowed; where it does not suffice, another.
  HWY_INLINE BlockView Pass(const T* a, const T* e, ErrorType<T>* errors, const Ahead& ahead) {
    if (any_sign_ == 0) {
      const BlockView view = PassWith<Signs::kSame>(a, e, errors, ahead);
      if (!view.crossed || !view.AllFinite()) return view;
      any_sign_ = kBlocksOfAnySign;
    }
    --any_sign_;
    return PassWith<Signs::kAny>(a, e, errors, ahead);
  }
  template <Signs kSigns>
  HWY_INLINE BlockView PassWith(const T* a, const T* e, ErrorType<T>* errors, const Ahead& ahead) {
    if (!mismatched_) {
      const BlockView view = BlockPass<Mismatches::kNoticed, kSigns>(a, e, errors, bounds_, ahead);
      if (!view.suspicious || view.crossed || !view.AllFinite()) return view;
    }
    const BlockView view = BlockPass<Mismatches::kMeasured, kSigns>(a, e, errors, bounds_, ahead);
    mismatched_ = view.sums.mismatched > 0;
    return view;
  }

  HWY_INLINE bool AddEqual(const T* e, const Ahead& ahead) {
    BlockSums sums;
    sums.actual_squared = sums.expected_squared = SumOfSquares(e, ahead);
    if (!std::isfinite(sums.actual_squared)) return false;
    accumulator_.Add(sums);
    return true;
  }

  HWY_INLINE void AddDifferences(const T* a, const T* e, std::size_t at, const ErrorType<T>* errors, BlockView& view,
                                 const Ahead& ahead) {
    FollowDecade(view.max_error);
    view.sums.differing = CountDecades(errors, decade_, accumulator_.decades(), ahead);
    if (!view.MayBreak(accumulator_.records(), accumulator_.tolerance())) return;
    UpdateRecords(a, e, at / sizeof(T), accumulator_);
    bounds_ = Bounds::Of(accumulator_.tolerance(), accumulator_.records());
  }

  // Rounded as the errors are, it may be in the next decade. A step or two from the last block's: no logarithm.
  HWY_INLINE void FollowDecade(double max_error) {
    const auto largest = static_cast<double>(static_cast<ErrorType<T>>(max_error));
    while (largest < PowerOfTen(decade_)) --decade_;
    while (largest >= PowerOfTen(decade_ + 1)) ++decade_;
  }

  HWY_NOINLINE void CompareWithout(const T* a, const T* e, std::size_t at) {
    HWY_ALIGN T a_clean[kBlock];
    HWY_ALIGN T e_clean[kBlock];
    non_finite_ = TakeOut(a, e, at / sizeof(T), a_clean, e_clean, AheadOf(at).Part(0, 1, 2), accumulator_);
    // A sum of finite numbers can overflow: then one by one.
    const T* a_finite = non_finite_ ? a_clean : a;
    const T* e_finite = non_finite_ ? e_clean : e;
    if (!CompareFinite(a_finite, e_finite, at)) accumulator_.AddFinite(at / sizeof(T), kBlock);
  }

  const std::byte* const actual_;
  const std::byte* const expected_;
  const std::size_t bytes_;
  const bool aligned_;
  Accumulator& accumulator_;
  Bounds bounds_;
  // What the last blocks were like; the next are likely the same.
  bool non_finite_ = false;
  bool mismatched_ = false;
  int any_sign_ = 0;  // for how many more blocks pairs of two signs are to be expected
  int decade_ = 0;    // of the largest error
};

template <typename T>
HWY_NOINLINE void CompareAs(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  Walk<T>(actual, expected, accumulator).Run();
}

// For c128, whose lengths no vector computes: what is equal byte by byte at once, the rest one by one.
HWY_NOINLINE void CompareWide(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  constexpr std::size_t kBytes = kBlock * sizeof(double);
  const std::byte* a = actual.bytes.data();
  const std::byte* e = expected.bytes.data();
  const std::size_t size = expected.bytes.size();
  for (std::size_t at = 0; at < size; at += kBytes) {
    BlockSums sums;
    const bool equal = at + kBytes <= size && std::memcmp(a + at, e + at, kBytes) == 0;
    if (equal) {
      const Ahead ahead = {a + at + kBytes, e + at + kBytes, kBytes};
      sums.actual_squared = sums.expected_squared = SumOfSquares(reinterpret_cast<const double*>(e + at), ahead);
    }
    if (equal && std::isfinite(sums.actual_squared)) {
      accumulator.Add(sums);
    } else {
      accumulator.AddExactly(at / 16, kBytes / 16);
    }
  }
}

void CompareOnTarget(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  switch (expected.dtype) {
    case DType::kF16: return CompareAs<hwy::float16_t>(actual, expected, accumulator);
    case DType::kBF16: return CompareAs<hwy::bfloat16_t>(actual, expected, accumulator);
    case DType::kF32: return CompareAs<float>(actual, expected, accumulator);
    case DType::kF64: return CompareAs<double>(actual, expected, accumulator);
    case DType::kI8: return CompareAs<std::int8_t>(actual, expected, accumulator);
    case DType::kI16: return CompareAs<std::int16_t>(actual, expected, accumulator);
    case DType::kI32: return CompareAs<std::int32_t>(actual, expected, accumulator);
    case DType::kI64: return CompareAs<std::int64_t>(actual, expected, accumulator);
    case DType::kU8: return CompareAs<std::uint8_t>(actual, expected, accumulator);
    case DType::kBool: return CompareAs<BoolByte>(actual, expected, accumulator);
    case DType::kC64: return CompareAs<ComplexFloat>(actual, expected, accumulator);
    case DType::kC128: return CompareWide(actual, expected, accumulator);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace torchassay {

HWY_EXPORT(CompareOnTarget);

void CompareBlocks(const TensorView& actual, const TensorView& expected, Accumulator& accumulator) {
  HWY_DYNAMIC_DISPATCH(CompareOnTarget)(actual, expected, accumulator);
}

}  // namespace torchassay
#endif  // HWY_ONCE
