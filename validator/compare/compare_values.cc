#include "validator/compare/compare_values.h"

#include <algorithm>
#include <cmath>
#include <set>

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

const Value* FindItem(const Container& container, const std::string& step) {
  for (const auto& [name, value] : container.items) {
    if (name == step) return value;
  }
  return nullptr;
}

// The path of an item as the reference names it: a named tuple's items have names there.
std::string PathOfItem(const std::string& path, const Value& parent, std::size_t index, const std::string& step) {
  const auto* tuple = std::get_if<TupleValue>(&parent.content);
  return tuple != nullptr ? TupleItemPath(path, *tuple, index) : path + step;
}

bool EqualNumbers(double a, double b, const Tolerance& tolerance, NanPolicy policy) {
  if (std::isnan(a) || std::isnan(b)) {
    return std::isnan(a) && std::isnan(b) && policy == NanPolicy::kEqualWhereExpected;
  }
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= tolerance.rtol * std::abs(b) + tolerance.atol;
}

std::complex<double> AsComplex(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value.content)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value.content)) return *number;
  return std::get<std::complex<double>>(value.content);
}

bool IsNumber(const Value& value) {
  return std::holds_alternative<std::int64_t>(value.content) || std::holds_alternative<double>(value.content) ||
         std::holds_alternative<std::complex<double>>(value.content);
}

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
    finding.help = DidYouMean(path, candidates);
    Add(path, std::move(finding));
  }

  void AddExtra(const std::string& path) {
    Finding finding;
    finding.code = "TA403";
    finding.message = "output " + Quote(path) + " has no reference";
    Add(path, std::move(finding));
  }

  ValuesResult Take() && { return std::move(result_); }

 private:
  static bool SameKind(const Value& actual, const Value& expected) {
    return actual.content.index() == expected.content.index() || (IsNumber(actual) && IsNumber(expected));
  }

  void VisitItems(const Container& actual, const Container& expected, const Value& parent, const std::string& path) {
    std::vector<std::string> unclaimed;
    for (const auto& [step, value] : actual.items) {
      if (FindItem(expected, step) == nullptr) unclaimed.push_back(path + step);
    }
    for (std::size_t i = 0; i < expected.items.size(); ++i) {
      const auto& [step, value] = expected.items[i];
      const std::string item_path = PathOfItem(path, parent, i, step);
      const Value* counterpart = FindItem(actual, step);
      if (counterpart != nullptr) {
        Visit(*counterpart, *value, item_path);
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

  // Numbers are compared as the elements of a double-precision tensor, two ints exactly.
  bool PlainEqual(const Value& actual, const Value& expected, const std::string& path) const {
    const bool integers =
        std::holds_alternative<std::int64_t>(actual.content) && std::holds_alternative<std::int64_t>(expected.content);
    if (integers) return std::get<std::int64_t>(actual.content) == std::get<std::int64_t>(expected.content);
    if (IsNumber(expected)) {
      const Tolerance tolerance =
          options_.tolerance_of ? options_.tolerance_of(path, DType::kF64) : DefaultTolerance(DType::kF64);
      const std::complex<double> a = AsComplex(actual), e = AsComplex(expected);
      return EqualNumbers(a.real(), e.real(), tolerance, options_.nan_policy) &&
             EqualNumbers(a.imag(), e.imag(), tolerance, options_.nan_policy);
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
