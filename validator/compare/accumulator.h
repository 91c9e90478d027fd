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
  double error = 0;            // of |actual - expected|
  double error_squared = 0;
  double actual_squared = 0;
  double expected_squared = 0;
  std::uint64_t max_ulp = 0;
  std::int64_t differing = 0;
  std::int64_t mismatched = 0;
};

// The records so far. A block needs a second look only where one of its elements breaks one.
struct Records {
  double max_error = 0;
  double max_ratio = 0;        // error / |expected|
  double worst_excess = -1;    // error - rtol |expected| of the last of the worst mismatched elements
  double needed_rtol = 0;      // (error - atol) / |expected| of the mismatched elements
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
  // Looks at the `count` elements from `begin` one by one and takes in everything about them.
  void AddExactly(std::size_t begin, std::size_t count) { (this->*look_)(begin, count, Look::kEverything); }
  // The same, where sums, counts and decades are in already: only records.
  void UpdateRecords(std::size_t begin, std::size_t count) { (this->*look_)(begin, count, Look::kRecords); }

  Comparison Finish() const;

 private:
  enum class Look { kEverything, kRecords };
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

  void CountFinite(const Pair& pair);
  void CountNonFinite(const Pair& pair, std::size_t position);
  void Record(const Pair& pair, std::size_t position);
  void RecordMismatch(const Pair& pair, const Candidate& candidate);
  static bool IsWorse(const Candidate& a, const Candidate& b);
  Shape IndexOf(std::size_t position) const;
  Element ElementOf(const Candidate& candidate) const;
  std::int64_t FiniteCount() const;
  void FinishErrors(Comparison& comparison) const;
  void FinishMismatches(Comparison& comparison) const;
  std::optional<double> Cosine() const;

  const TensorView& actual_;
  const TensorView& expected_;
  const Tolerance tolerance_;
  const NanPolicy policy_;
  const LookFunction look_;

  BlockSums sums_;
  DecadeCounts decades_;
  NonFinite non_finite_;
  std::int64_t non_finite_mismatched_ = 0;
  Records records_;
  Candidate max_error_;
  Candidate max_ratio_;
  std::vector<Candidate> worst_;               // descending by excess
  std::vector<std::size_t> non_finite_first_;  // positions
};

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_ACCUMULATOR_H_
