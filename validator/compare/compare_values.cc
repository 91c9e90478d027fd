#include "validator/compare/compare_values.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "validator/base/closest.h"
#include "validator/base/strings.h"
#include "validator/compare/compare.h"
#include "validator/compare/comparison_findings.h"
#include "validator/tensor/tensor_lookup.h"
#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

// The items of a container by the step that leads to each; absent for a leaf.
struct Container {
  bool is_dict = false;
  std::vector<std::pair<std::string, const Value*>> items;  // step ("[0]", ".logits") and value
};

std::optional<Container> ContainerOf(const Value& value) {
  Container container;
  if (const auto* tuple = std::get_if<TupleValue>(&value.content)) {
    for (std::size_t i = 0; i < tuple->items.size(); ++i)
      container.items.emplace_back(ItemPath("", i), &tuple->items[i]);
    return container;
  }
  if (const auto* list = std::get_if<ListValue>(&value.content)) {
    for (std::size_t i = 0; i < list->items.size(); ++i) container.items.emplace_back(ItemPath("", i), &list->items[i]);
    return container;
  }
  const auto* dict = std::get_if<DictValue>(&value.content);
  if (dict == nullptr) return std::nullopt;
  container.is_dict = true;
  for (const auto& [key, item] : dict->items) container.items.emplace_back(KeyPath("x", key).substr(1), &item);
  return container;
}

using Index = std::map<std::string_view, const Value*>;

Index IndexOf(const Container& container) {
  Index index;
  for (const auto& [step, value] : container.items) index.emplace(step, value);
  return index;
}

// The path of an item as the reference names it: a named tuple's items have names there.
std::string PathOfItem(const std::string& path, const Value& parent, std::size_t index, const std::string& step) {
  const auto* tuple = std::get_if<TupleValue>(&parent.content);
  return tuple != nullptr ? TupleItemPath(path, *tuple, index) : path + step;
}

bool IsNan(const std::complex<double>& z) { return std::isnan(z.real()) || std::isnan(z.imag()); }
bool IsInf(const std::complex<double>& z) { return std::isinf(z.real()) || std::isinf(z.imag()); }

// As the elements of a tensor are compared: the error of complex numbers is the length of their difference.
bool EqualNumbers(const std::complex<double>& a, const std::complex<double>& e, const Tolerance& tolerance,
                  NanPolicy policy) {
  if (IsNan(a) || IsNan(e)) return IsNan(a) && IsNan(e) && policy == NanPolicy::kEqualWhereExpected;
  if (IsInf(a) || IsInf(e)) return a == e;
  const double error = std::abs(a - e);
  return error <= tolerance.rtol * std::abs(e) + tolerance.atol && !std::isinf(error);
}

std::optional<std::complex<double>> AsComplex(const Value& value) {
  if (const auto* number = std::get_if<double>(&value.content)) return *number;
  if (const auto* number = std::get_if<std::complex<double>>(&value.content)) return *number;
  return std::nullopt;
}

// An int and a float that are the same number; 2^53 + 1 is none.
bool IsSameNumber(std::int64_t integer, double number) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  return number >= -kLimit && number < kLimit && static_cast<std::int64_t>(number) == integer &&
         static_cast<double>(integer) == number;
}

// "sparse_coo", "sparse_csr", …; "" for memory that is not sparse.
std::string SparseLayout(const TensorRef& tensor) { return tensor.layout.starts_with("sparse") ? tensor.layout : ""; }

// Walks both values in step and notes every difference.
class Walk final {
 public:
  Walk(const TensorSource& actual, const TensorSource& expected, const CompareValuesOptions& options)
      : actual_tensors_(actual), expected_tensors_(expected), options_(options) {}

  void Visit(const Value& actual, const Value& expected, const std::string& path) {
    const std::optional<Container> actual_items = ContainerOf(actual);
    const std::optional<Container> expected_items = ContainerOf(expected);
    if (expected_items && actual_items && expected_items->is_dict == actual_items->is_dict) {
      VisitItems(*actual_items, *expected_items, expected, path);
    } else if (expected_items || actual_items || !SameKind(actual, expected)) {
      Add(path, DescribeDifference("TA406", "output " + Quote(path) + " has another structure than its reference",
                                   DescribeValue(expected), DescribeValue(actual)));
    } else if (std::holds_alternative<TensorRef>(expected.content)) {
      VisitTensors(std::get<TensorRef>(actual.content), std::get<TensorRef>(expected.content), path);
    } else {
      VisitPlain(actual, expected, path);
    }
  }

  void VisitTensors(const TensorRef& actual, const TensorRef& expected, const std::string& path) {
    const std::optional<TensorView> a = FindTensor(actual_tensors_, actual);
    const std::optional<TensorView> e = FindTensor(expected_tensors_, expected);
    if (!a || !e) return AddAbsentData(path, a ? "reference" : "output");
    if (SparseLayout(actual) != SparseLayout(expected)) {
      const auto text = [](const TensorRef& tensor) { return tensor.layout.empty() ? "strided" : tensor.layout; };
      return Add(path, DescribeDifference("TA406", "output " + Quote(path) + " has another layout than its reference",
                                          text(expected), text(actual)));
    }
    VisitViews(*a, *e, path);
  }

  void VisitViews(const TensorView& actual, const TensorView& expected, const std::string& path) {
    OutputResult& output = NewOutput(path);
    const bool same_dtype = actual.dtype == expected.dtype;
    const bool same_shape = actual.shape == expected.shape;
    if (!same_dtype) {
      AddTo(output, DescribeDifference("TA404", "output " + Quote(path) + " has another dtype than its reference",
                                       std::string(DTypeName(expected.dtype)), std::string(DTypeName(actual.dtype))));
    }
    if (!same_shape) {
      AddTo(output, DescribeDifference("TA405", "output " + Quote(path) + " has another shape than its reference",
                                       DescribeTensor(expected.dtype, expected.shape),
                                       DescribeTensor(actual.dtype, actual.shape)));
    }
    if (same_dtype && same_shape) CompareData(actual, expected, path, output);
  }

  void AddMissing(const std::string& path, const std::vector<std::string>& candidates) {
    Finding finding;
    finding.code = "TA402";
    finding.message = "output " + Quote(path) + " of the reference is missing";
    if (candidates.size() <= kMostCandidates) finding.help = DidYouMean(path, candidates);
    AddUnmatched(path, std::move(finding));
  }

  void AddExtra(const std::string& path) {
    Finding finding;
    finding.code = "TA403";
    finding.message = "output " + Quote(path) + " has no reference";
    AddUnmatched(path, std::move(finding));
  }

  ValuesResult Take() && { return std::move(result_); }

 private:
  static constexpr std::size_t kMostUnmatched = 1000;
  static constexpr std::size_t kMostCandidates = 100;  // of a suggestion, which looks at each of them for each name

  // Beyond a thousand such outputs nobody reads on.
  void AddUnmatched(const std::string& path, Finding finding) {
    if (++unmatched_ < kMostUnmatched) return Add(path, std::move(finding));
    if (unmatched_ > kMostUnmatched) return;
    finding.notes.push_back("there are more outputs like this, which are not listed");
    Add(path, std::move(finding));
  }

  static bool SameKind(const Value& actual, const Value& expected) {
    const auto is_real = [](const Value& value) {
      return std::holds_alternative<std::int64_t>(value.content) || std::holds_alternative<double>(value.content);
    };
    return actual.content.index() == expected.content.index() || (is_real(actual) && is_real(expected));
  }

  void VisitItems(const Container& actual, const Container& expected, const Value& parent, const std::string& path) {
    const Index actual_items = IndexOf(actual), expected_items = IndexOf(expected);
    std::vector<std::string> unclaimed;
    for (const auto& [step, value] : actual.items) {
      if (!expected_items.contains(step)) unclaimed.push_back(path + step);
    }
    for (std::size_t i = 0; i < expected.items.size(); ++i) {
      const auto& [step, value] = expected.items[i];
      const std::string item_path = PathOfItem(path, parent, i, step);
      const auto counterpart = actual_items.find(step);
      if (counterpart != actual_items.end()) {
        Visit(*counterpart->second, *value, item_path);
      } else {
        AddMissing(item_path, unclaimed);
      }
    }
    for (const std::string& extra : unclaimed) AddExtra(extra);
    // Two empty containers agree, which is something that was looked at.
    if (actual.items.empty() && expected.items.empty()) ++result_.compared;
  }

  void CompareData(const TensorView& actual, const TensorView& expected, const std::string& path,
                   OutputResult& output) {
    CompareOptions options;
    options.nan_policy = options_.nan_policy;
    if (options_.tolerance_of) options.tolerance = options_.tolerance_of(path, expected.dtype);
    output.comparison = Compare(actual, expected, options);
    if (output.comparison->compared == 0) {
      Finding note;
      note.code = "TA409";
      note.severity = Severity::kNote;
      note.message = "output " + Quote(path) + " has no elements, so nothing of it was compared";
      AddTo(output, std::move(note));
      return;
    }
    ++result_.compared;
    for (Finding& finding : DescribeComparison(*output.comparison, path)) AddTo(output, std::move(finding));
  }

  void VisitPlain(const Value& actual, const Value& expected, const std::string& path) {
    ++result_.compared;
    OutputResult& output = NewOutput(path);
    if (PlainEqual(actual, expected, path)) return;
    AddTo(output, DescribeDifference("TA412", "output " + Quote(path) + " differs from its reference",
                                     DescribeValue(expected), DescribeValue(actual)));
  }

  // Floats and complex numbers are compared as the elements of a double-precision tensor, ints exactly.
  bool PlainEqual(const Value& actual, const Value& expected, const std::string& path) const {
    const auto* a_integer = std::get_if<std::int64_t>(&actual.content);
    const auto* e_integer = std::get_if<std::int64_t>(&expected.content);
    if (a_integer != nullptr && e_integer != nullptr) return *a_integer == *e_integer;
    if (a_integer != nullptr) return IsSameNumber(*a_integer, std::get<double>(expected.content));
    if (e_integer != nullptr) return IsSameNumber(*e_integer, std::get<double>(actual.content));
    if (const std::optional<std::complex<double>> e = AsComplex(expected)) {
      const Tolerance tolerance =
          options_.tolerance_of ? options_.tolerance_of(path, DType::kF64) : DefaultTolerance(DType::kF64);
      return EqualNumbers(*AsComplex(actual), *e, tolerance, options_.nan_policy);
    }
    if (const auto* text = std::get_if<std::string>(&expected.content)) {
      return *text == std::get<std::string>(actual.content);
    }
    if (const auto* boolean = std::get_if<bool>(&expected.content)) return *boolean == std::get<bool>(actual.content);
    return true;  // None and None
  }

  void AddAbsentData(const std::string& path, const std::string& side) {
    Finding finding;
    finding.code = "TA402";
    finding.message = "the data of the " + side + " for " + Quote(path) + " is missing";
    Add(path, std::move(finding));
  }

  OutputResult& NewOutput(const std::string& path) {
    result_.outputs.push_back({path, std::nullopt, {}});
    return result_.outputs.back();
  }

  void Add(const std::string& path, Finding finding) { AddTo(NewOutput(path), std::move(finding)); }

  void AddTo(OutputResult& output, Finding finding) {
    finding.subject = options_.subject;
    output.findings.push_back(std::move(finding));
  }

  const TensorSource& actual_tensors_;
  const TensorSource& expected_tensors_;
  const CompareValuesOptions& options_;
  std::size_t unmatched_ = 0;
  ValuesResult result_;
};

}  // namespace

bool ValuesResult::passed() const {
  return std::all_of(outputs.begin(), outputs.end(), [](const OutputResult& output) {
    return std::none_of(output.findings.begin(), output.findings.end(),
                        [](const Finding& finding) { return finding.severity == Severity::kError; });
  });
}

ValuesResult CompareValues(ValueSide actual, ValueSide expected, const CompareValuesOptions& options) {
  Walk walk(actual.tensors, expected.tensors, options);
  walk.Visit(actual.value, expected.value, options.root);
  return std::move(walk).Take();
}

ValuesResult CompareTensorFiles(const TensorFile& actual, const TensorFile& expected,
                                const CompareValuesOptions& options) {
  Walk walk(actual, expected, options);
  const std::set<std::string> wanted(expected.names().begin(), expected.names().end());
  std::vector<std::string> unclaimed;
  for (const std::string& name : actual.names()) {
    if (!wanted.contains(name)) unclaimed.push_back(name);
  }
  for (const std::string& name : expected.names()) {
    const std::optional<TensorView> counterpart = actual.Find(name);
    if (counterpart) {
      walk.VisitViews(*counterpart, *expected.Find(name), name);
    } else {
      walk.AddMissing(name, unclaimed);
    }
  }
  for (const std::string& name : unclaimed) walk.AddExtra(name);
  return std::move(walk).Take();
}

Finding NothingCompared(const std::string& subject) {
  Finding finding;
  finding.code = "TA408";
  finding.message = "nothing was compared";
  finding.subject = subject;
  finding.notes.push_back("a check that looked at nothing says nothing, so it does not pass");
  return finding;
}

}  // namespace torchassay
