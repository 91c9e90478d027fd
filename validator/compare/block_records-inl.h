// BlockRecords: finds the chunks of a block that break a record, so that only those are looked at one by one.
//
// Included once for each target by kernel.cc, as Highway wants it.

#include <cstddef>

#include "validator/compare/accumulator.h"
#include "validator/compare/block.h"
#include "validator/compare/lanes-inl.h"

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

template <typename T>
HWY_NOINLINE BlockMaxima MaximaOfBlock(const T* a, const T* e, const Tolerance& tolerance, const Records& records) {
  const hn::ScalableTag<double> d;
  const auto rtol = hn::Set(d, tolerance.rtol);
  const auto ratio = hn::Set(d, QuotientBound(records.max_ratio.value));
  const auto needed = hn::Set(d, QuotientBound(records.needed_rtol));
  auto error = hn::Zero(d), over_ratio = error;
  auto excess = hn::Set(d, -HUGE_VAL), over_needed = excess;
  for (std::size_t i = 0; i < kBlock; i += hn::Lanes(d)) {
    const auto pair = LoadPair(d, a + i, e + i);
    error = hn::Max(error, pair.error);
    over_ratio = hn::Max(over_ratio, hn::NegMulAdd(ratio, pair.expected, pair.error));
    excess = hn::Max(excess, hn::Sub(pair.error, hn::Mul(rtol, pair.expected)));
    over_needed = hn::Max(over_needed, hn::NegMulAdd(needed, pair.expected, pair.error));
  }
  return {LargestOf(d, error), LargestOf(d, over_ratio), LargestOf(d, excess), LargestOf(d, over_needed)};
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
inline ChunkMaxima* NextBreaking(ChunkMaxima* chunks, const Records& records) {
  ChunkMaxima* next = nullptr;
  for (ChunkMaxima* chunk = chunks; chunk != chunks + kBlock / kChunk; ++chunk) {
    if (chunk->done || !chunk->Breaks(records)) continue;
    if (next == nullptr || chunk->error > next->error) next = chunk;
  }
  return next;
}

// REQUIRES: the block at `a` and `e` is the one at `begin` of the accumulator's tensors.
// The worst first: what it sets as a record the others need not break.
template <typename T>
HWY_NOINLINE void UpdateRecordsByChunks(const T* a, const T* e, std::size_t begin, Accumulator& accumulator) {
  ChunkMaxima chunks[kBlock / kChunk];
  for (std::size_t i = 0; i < kBlock / kChunk; ++i) {
    chunks[i] = MaximaOf(a + i * kChunk, e + i * kChunk, accumulator.tolerance());
    chunks[i].begin = begin + i * kChunk;
  }
  while (ChunkMaxima* chunk = NextBreaking(chunks, accumulator.records())) {
    accumulator.UpdateRecords(chunk->begin, kChunk);
    chunk->done = true;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace torchassay
HWY_AFTER_NAMESPACE();

#endif  // VALIDATOR_COMPARE_BLOCK_RECORDS_INL_H_
