// Comparison: what one look at two tensors found, as plain numbers that every report can read.

#ifndef VALIDATOR_COMPARE_COMPARISON_H_
#define VALIDATOR_COMPARE_COMPARISON_H_

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "validator/compare/tolerance.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

// The value of one element: floating, integer, bool or complex.
using Scalar = std::variant<double, std::int64_t, bool, std::complex<double>>;

// One element of the pair.
struct Element {
  Shape index;  // {} in a 0-d tensor
  Scalar actual;
  Scalar expected;
  double error = 0;    // |actual - expected|; NaN where one side is NaN, Inf where one side is infinite
  double allowed = 0;  // atol + rtol * |expected|; 0 where only an equal value is accepted
};

// How many elements have 10^exponent <= error < 10^(exponent + 1).
struct Decade {
  int exponent = 0;
  std::int64_t count = 0;
  bool operator==(const Decade&) const = default;
};

// Elements that are no finite numbers. They take part in no error statistic.
struct NonFinite {
  std::int64_t nan_both = 0;
  std::int64_t nan_actual = 0;    // NaN in `actual` only
  std::int64_t nan_expected = 0;  // NaN in `expected` only
  std::int64_t inf_both = 0;      // infinities of the same sign: equal
  std::int64_t inf_opposite = 0;  // infinities of opposite signs
  std::int64_t inf_actual = 0;    // infinite in `actual`, finite in `expected`
  std::int64_t inf_expected = 0;  // infinite in `expected`, finite in `actual`
  bool operator==(const NonFinite&) const = default;
};

struct Comparison {
  DType dtype = DType::kF32;
  Shape shape;
  Tolerance tolerance;
  NanPolicy nan_policy = NanPolicy::kNeverEqual;

  bool passed = false;          // nothing mismatched; true for a pair without elements
  std::int64_t compared = 0;    // elements
  std::int64_t mismatched = 0;  // elements beyond the tolerance, NaN and Inf included
  std::int64_t differing = 0;   // elements with an error above 0, NaN and Inf mismatches not included
  NonFinite non_finite;

  // Over elements that are finite on both sides.
  double max_abs_error = 0;
  std::optional<Element> max_abs;  // where; absent where no element differs
  double max_rel_error = 0;        // error / |expected|; Inf where expected is 0
  std::optional<Element> max_rel;
  std::optional<std::uint64_t> max_ulp;  // floating types only: representable numbers between the two
  double mean_error = 0;                 // of |actual - expected|
  double rms_error = 0;
  // Of the angle between the two as vectors; absent where one is all zeros or a million times as long as the other.
  std::optional<double> cosine;
  std::vector<Decade> histogram;  // ascending; only decades that occur. Elements without error are in none

  std::vector<Element> worst;  // finite mismatched elements, farthest beyond what is allowed first; at most 10
  std::vector<Element> non_finite_first;  // the first mismatched elements with a NaN or Inf; at most 3
  // What would pass. Absent where no tolerance would: a NaN or Inf on one side, or a difference from 0 for rtol.
  std::optional<double> needed_atol;  // smallest atol with this rtol; the given one where it suffices
  std::optional<double> needed_rtol;  // smallest rtol with this atol
};

// The shortest text that reads back as the same value of `dtype`: "0.1", "9007199254740993", "true", "(1+2j)".
std::string ScalarText(const Scalar& value, DType dtype);
// "[2, 117]"; "[]" in a 0-d tensor.
std::string IndexText(const Shape& index);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_COMPARISON_H_
