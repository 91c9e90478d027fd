// Accumulator: gathers what is found about two tensors, block by block, into one Comparison.

#ifndef VALIDATOR_COMPARE_ACCUMULATOR_H_
#define VALIDATOR_COMPARE_ACCUMULATOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "validator/compare/comparison.h"
#include "validator/compare/decades.h"
#include "validator/compare/pair.h"
#include "validator/compare/tolerance.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

// What the kernel adds up about elements that are all finite.
struct BlockSums {
  double error = 0;  // of |actual - expected|
  double error_squared = 0;
  double actual_squared = 0;
  double expected_squared = 0;
  std::uint64_t max_ulp = 0;
  std::int64_t differing = 0;
  std::int64_t mismatched = 0;
};

// A value to beat, and where it is: of equal ones the first in the tensor holds the record.
struct Record {
  double value = 0;
  std::size_t position = 0;
  bool IsBeatenBy(double other, std::size_t at) const { return other > value || (other == value && at < position); }
};

// The records so far. A block needs a second look only where one of its elements breaks one.
struct Records {
  Record max_error;
  Record max_ratio;               // error / |expected|
  Record worst_excess = {-1, 0};  // error - rtol |expected| of the last of the worst mismatched elements
  double needed_rtol = 0;         // (error - atol) / |expected| of the mismatched elements
};

class Accumulator final {
 public:
  // REQUIRES: as Compare; the views outlive this object.
  Accumulator(const TensorView& actual, const TensorView& expected, const Tolerance& tolerance, NanPolicy policy);

  const Tolerance& tolerance() const { return tolerance_; }
  const Records& records() const { return records_; }
  DecadeCounts& decades() { return decades_; }

  // Adds sums over elements that are finite on both sides.
  void Add(const BlockSums& sums);
  // Adds elements that are a NaN or Inf on some side.
  void Add(const NonFinite& counts);

  // Look at the `count` elements from `begin`, as far as there are so many, one by one, and take in ...
  // ... everything about them.
  void AddExactly(std::size_t begin, std::size_t count) { (this->*look_)(begin, count, Look::kEverything); }
  // ... everything about the finite ones.
  void AddFinite(std::size_t begin, std::size_t count) { (this->*look_)(begin, count, Look::kFinite); }
  // ... records of the finite ones, where sums, counts and decades are in already.
  void UpdateRecords(std::size_t begin, std::size_t count) { (this->*look_)(begin, count, Look::kRecords); }
  // ... which are the first mismatched ones with a NaN or Inf, where those are counted already.
  // REQUIRES: calls go through the tensor from its beginning.
  void NoteNonFinite(std::size_t begin, std::size_t count);

  Comparison Finish() const;

 private:
  enum class Look { kEverything, kFinite, kRecords, kNonFinite };
  using LookFunction = void (Accumulator::*)(std::size_t, std::size_t, Look);

  // An element that broke a record.
  struct Candidate {
    std::size_t position = 0;
    double error = 0;
    double proportional = 0;
    double excess() const { return error - proportional; }
  };

  template <DType kType>
  void LookAt(std::size_t begin, std::size_t count, Look look);
  static LookFunction LookFor(DType dtype);

  template <DType kType>
  void CountFinite(const Pair& pair);
  void CountNonFinite(PairKind kind);
  void NotePosition(const Pair& pair, std::size_t position);
  void UpdateRecords(const Pair& pair, std::size_t position);
  void RecordMismatch(const Pair& pair, const Candidate& candidate);
  static bool IsWorse(const Candidate& a, const Candidate& b);
  Shape IndexOf(std::size_t position) const;
  Element ElementOf(const Candidate& candidate) const;
  std::int64_t FiniteCount() const;
  std::int64_t NonFiniteMismatched() const;
  void FinishErrors(Comparison& comparison) const;
  void FinishMismatches(Comparison& comparison) const;
  std::optional<double> Cosine() const;

  const TensorView& actual_;
  const TensorView& expected_;
  const Tolerance tolerance_;
  const NanPolicy policy_;
  const LookFunction look_;
  const std::size_t elements_;

  BlockSums sums_;
  DecadeCounts decades_;
  NonFinite non_finite_;
  Records records_;
  Candidate max_error_;
  Candidate max_ratio_;
  std::vector<Candidate> worst_;               // descending by excess
  std::vector<std::size_t> non_finite_first_;  // positions
};

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_ACCUMULATOR_H_
