// BlockRecords: finds the chunks of a block that break a record, so that only those are looked at one by one.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "validator/compare/accumulator.h"
#include "validator/compare/block.h"
#include "validator/compare/lanes-inl.h"
#include "validator/compare/survey.h"

#if defined(VALIDATOR_COMPARE_BLOCK_RECORDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef VALIDATOR_COMPARE_BLOCK_RECORDS_INL_H_
#undef VALIDATOR_COMPARE_BLOCK_RECORDS_INL_H_
#else
#define VALIDATOR_COMPARE_BLOCK_RECORDS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace torchassay {
namespace HWY_NAMESPACE {

// The record of a quotient, for a product that is to be above it wherever the quotient is. Only a fused product and
// difference has the sign of the exact one.
HWY_INLINE double QuotientBound(double record) {
  if (std::isinf(record)) return 0;
  return HWY_NATIVE_FMA ? record : record * (1 - 4e-16);
}

// A set of chunks of a block, a bit for each.
using Chunks = std::uint64_t;
constexpr Chunks kAllChunks = ~Chunks{0};
static_assert(kBlock / kChunk == 64);

// The chunks with an error that is not below `line`.
template <typename T>
HWY_NOINLINE Chunks ChunksAbove(const float* errors, const T* e, const Line& line, const Ahead& ahead) {
  const hn::CappedTag<float, kChunk> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto absolute = hn::Set(d, line.absolute);
  const auto relative = hn::Set(d, line.relative);
  Chunks chunks = 0;
  for (std::size_t chunk = 0; chunk < kBlock / kChunk; ++chunk) {
    Ask(ahead, chunk * kChunk);
    auto steps = hn::Set(di, -1);
    for (std::size_t i = chunk * kChunk; i < (chunk + 1) * kChunk; i += hn::Lanes(d)) {
      const auto limit = hn::MulAdd(relative, hn::Abs(LoadAs(d, e + i)), absolute);
      steps = hn::Max(steps, hn::Sub(hn::BitCast(di, hn::Load(d, errors + i)), hn::BitCast(di, limit)));
    }
    const Chunks above = !hn::AllTrue(di, hn::Lt(steps, hn::Zero(di)));
    chunks |= above << chunk;
  }
  return chunks;
}

// Those of `chunks` with an error that is more than `excess` above rtol |expected|.
template <typename T>
HWY_NOINLINE Chunks ChunksExceeding(const T* a, const T* e, Chunks chunks, double rtol, double excess) {
  using D = hn::CappedTag<double, kChunk>;
  const D d;
  Chunks exceeding = 0;
  for (; chunks != 0; chunks &= chunks - 1) {
    const std::size_t chunk = hwy::Num0BitsBelowLS1Bit_Nonzero64(chunks);
    auto over = hn::Set(d, -HUGE_VAL);
    for (std::size_t i = chunk * kChunk; i < (chunk + 1) * kChunk; i += hn::Lanes(d)) {
      const PairLanes<D> pair = LoadPair(d, a + i, e + i);
      over = hn::Max(over, hn::Sub(pair.error, hn::Mul(hn::Set(d, rtol), pair.expected)));
    }
    const Chunks exceeds = !hn::AllFalse(d, hn::Gt(over, hn::Set(d, excess)));
    exceeding |= exceeds << chunk;
  }
  return exceeding;
}

// Whether an element of a chunk may break a record. Products are rounded, so this may be true of one that equals it.
struct RecordBreaker {
  using D = hn::ScalableTag<double>;
  hn::Vec<D> rtol, atol, error, ratio, excess, needed;
  // What the margins have to be above; infinite where no element of the block can break that record.
  hn::Vec<D> ratio_margin, needed_margin;

  HWY_INLINE void Start(const Tolerance& tolerance, const Records& records, bool mismatched) {
    const D d;
    const bool ratio_open = !std::isinf(records.max_ratio.value);
    const bool needed_open = mismatched && !std::isinf(records.needed_rtol);
    rtol = hn::Set(d, tolerance.rtol);
    error = hn::Set(d, records.max_error.value);
    ratio = hn::Set(d, QuotientBound(records.max_ratio.value));
    ratio_margin = hn::Set(d, ratio_open ? 0 : HUGE_VAL);
    excess = hn::Set(d, mismatched ? records.worst_excess.value : HUGE_VAL);
    needed = hn::Set(d, QuotientBound(records.needed_rtol));
    needed_margin = hn::Set(d, needed_open ? tolerance.atol : HUGE_VAL);
  }
  HWY_INLINE hn::Mask<D> Broken(const PairLanes<D>& pair) const {
    const auto over_ratio = hn::NegMulAdd(ratio, pair.expected, pair.error);
    const auto over_needed = hn::NegMulAdd(needed, pair.expected, pair.error);
    // Of an error much larger than what it is above, the difference is rounded.
    const auto margin = hn::NegMulAdd(hn::Set(D(), 1e-15), pair.error, needed_margin);
    const auto broken = hn::Or(hn::Gt(pair.error, error), hn::Gt(over_ratio, ratio_margin));
    const auto over = hn::Sub(pair.error, hn::Mul(rtol, pair.expected));
    return hn::Or(broken, hn::Or(hn::Gt(over, excess), hn::Gt(over_needed, margin)));
  }
  template <typename T>
  HWY_INLINE bool MayBreak(const T* a, const T* e) const {
    const D d;
    auto broken = hn::MaskFromVec(hn::Zero(d));
    for (std::size_t i = 0; i < kChunk; i += hn::Lanes(d)) {
      broken = hn::Or(broken, Broken(LoadPair(d, a + i, e + i)));
    }
    return !hn::AllFalse(d, broken);
  }
};

// Those of `chunks` that may break a record.
template <typename T>
HWY_INLINE Chunks ChunksThatMayBreak(const T* a, const T* e, Chunks chunks, bool mismatched,
                                     const Accumulator& accumulator) {
  RecordBreaker breaker;
  breaker.Start(accumulator.tolerance(), accumulator.records(), mismatched);
  Chunks breaking = 0;
  for (; chunks != 0; chunks &= chunks - 1) {
    const std::size_t chunk = hwy::Num0BitsBelowLS1Bit_Nonzero64(chunks);
    const Chunks breaks = breaker.MayBreak(a + chunk * kChunk, e + chunk * kChunk);
    breaking |= breaks << chunk;
  }
  return breaking;
}

// The largest of a chunk, by the same arithmetic as that of single elements.
struct ChunkMaxima {
  double error, ratio;
  double excess, needed;  // of mismatched elements; -Inf where there is none
  std::size_t begin = 0;
  bool done = false;

  bool Breaks(const Records& records) const {
    return records.max_error.IsBeatenBy(error, begin) || records.max_ratio.IsBeatenBy(ratio, begin) ||
           records.worst_excess.IsBeatenBy(excess, begin) || needed > records.needed_rtol;
  }
};

template <typename T>
HWY_INLINE ChunkMaxima MaximaOf(const T* a, const T* e, const Tolerance& tolerance) {
  const hn::ScalableTag<double> d;
  const auto rtol = hn::Set(d, tolerance.rtol);
  const auto atol = hn::Set(d, tolerance.atol);
  const auto none = hn::Set(d, -HUGE_VAL);
  auto error = hn::Zero(d), ratio = hn::Zero(d), excess = none, needed = none;
  for (std::size_t i = 0; i < kChunk; i += hn::Lanes(d)) {
    const auto pair = LoadPair(d, a + i, e + i);
    const auto proportional = hn::Mul(rtol, pair.expected);
    const auto mismatched = hn::Gt(pair.error, hn::Add(proportional, atol));
    // A quotient of zeros is no number; it belongs to an element without error.
    const auto quotient = hn::IfThenElseZero(hn::Gt(pair.error, hn::Zero(d)), hn::Div(pair.error, pair.expected));
    error = hn::Max(error, pair.error);
    ratio = hn::Max(ratio, quotient);
    excess = hn::Max(excess, hn::IfThenElse(mismatched, hn::Sub(pair.error, proportional), none));
    const auto needs = hn::Div(hn::Sub(pair.error, atol), pair.expected);
    needed = hn::Max(needed, hn::IfThenElse(mismatched, needs, none));
  }
  return {LargestOf(d, error), LargestOf(d, ratio), LargestOf(d, excess), LargestOf(d, needed)};
}

// The chunk that breaks a record by the most; null where none does.
inline ChunkMaxima* NextBreaking(ChunkMaxima* chunks, std::size_t count, const Records& records) {
  ChunkMaxima* next = nullptr;
  for (ChunkMaxima* chunk = chunks; chunk != chunks + count; ++chunk) {
    if (chunk->done || !chunk->Breaks(records)) continue;
    if (next == nullptr || chunk->error > next->error) next = chunk;
  }
  return next;
}

// Looks at those of `chunks` that break a record one by one. The worst first: what it sets as a record the others need
// not break. Returns whether there was any.
// REQUIRES: the block at `a` and `e` is the one at `begin` of the accumulator's tensors.
template <typename T>
HWY_NOINLINE bool UpdateRecordsByChunks(const T* a, const T* e, std::size_t begin, Chunks chunks, bool mismatched,
                                        Accumulator& accumulator) {
  ChunkMaxima maxima[kBlock / kChunk];
  std::size_t count = 0;
  for (chunks = ChunksThatMayBreak(a, e, chunks, mismatched, accumulator); chunks != 0; chunks &= chunks - 1) {
    const std::size_t at = hwy::Num0BitsBelowLS1Bit_Nonzero64(chunks) * kChunk;
    maxima[count] = MaximaOf(a + at, e + at, accumulator.tolerance());
    maxima[count].begin = begin + at;
    ++count;
  }
  while (ChunkMaxima* chunk = NextBreaking(maxima, count, accumulator.records())) {
    accumulator.UpdateRecords(chunk->begin, kChunk);
    chunk->done = true;
  }
  return count > 0;
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_RECORDS_INL_H_
