// What is said about two values that do not agree: the findings TA401 … TA412 with their evidence.

#ifndef VALIDATOR_COMPARE_COMPARISON_FINDINGS_H_
#define VALIDATOR_COMPARE_COMPARISON_FINDINGS_H_

#include <string>
#include <vector>

#include "validator/base/finding.h"
#include "validator/compare/comparison.h"

namespace torchassay {

// TA401 where numbers differ and TA407 where a NaN or Inf stands on one side only; both, or neither.
//
//   output `logits` differs from its reference
//      mismatched   37 of 4000 elements (0.9 %), none NaN
//      worst        at [2, 117]: expected 0.412837, got 0.413147, allowed 1.1e-05
//      would pass   with atol >= 3.1e-04
std::vector<Finding> DescribeComparison(const Comparison& comparison, const std::string& path);

// A finding of severity error about the output at `path`, with an "expected" and a "got" line.
Finding DescribeDifference(const std::string& code, const std::string& message, const std::string& expected,
                           const std::string& actual);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_COMPARISON_FINDINGS_H_
