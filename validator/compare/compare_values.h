// CompareValues: two nested outputs, by structure first, then tensor by tensor.

#ifndef VALIDATOR_COMPARE_COMPARE_VALUES_H_
#define VALIDATOR_COMPARE_COMPARE_VALUES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "validator/base/finding.h"
#include "validator/compare/comparison.h"
#include "validator/compare/tolerance.h"
#include "validator/tensor/tensor_file.h"
#include "validator/tensor/value.h"

namespace torchassay {

// The tolerance of the output at `path`, whose element type is `dtype`.
using ToleranceOf = std::function<Tolerance(const std::string& path, DType dtype)>;

struct CompareValuesOptions {
  ToleranceOf tolerance_of;  // unset: DefaultTolerance
  NanPolicy nan_policy = NanPolicy::kEqualWhereExpected;
  std::string subject;          // of the findings: "resnet18.assay: case `sampled-3`"
  std::string root = "output";  // path of the whole value
};

// One output leaf: its path, its numbers where two tensors could be compared, and what is wrong with it.
struct OutputResult {
  std::string path;
  std::optional<Comparison> comparison;
  std::vector<Finding> findings;  // TA401 … TA407, TA412 errors; TA409 a note
};

struct ValuesResult {
  std::vector<OutputResult> outputs;  // in the order of the expected value, extra ones last
  std::int64_t compared = 0;          // leaves that were compared: tensors with elements, and other values
  bool passed() const;                // no finding of severity error; says nothing about `compared`
};

// A side of a comparison: the structure, and where its tensors' data lies.
struct ValueSide {
  const Value& value;
  const TensorSource& tensors;
};

// Compares everything, and goes on after a difference. A tuple equals a list of equal items.
ValuesResult CompareValues(ValueSide actual, ValueSide expected, const CompareValuesOptions& options);

// Compares two files tensor by tensor, by name.
ValuesResult CompareTensorFiles(const TensorFile& actual, const TensorFile& expected,
                                const CompareValuesOptions& options);

// TA408: what to report where `compared` stayed 0 over everything that was asked.
Finding NothingCompared(const std::string& subject);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_COMPARE_VALUES_H_
