#include "validator/runner/trial.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <c10/util/Exception.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "validator/runner/smaller_call.h"
#include "validator/runner/value_tensors.h"

namespace torchassay {
namespace {

using Values = std::vector<c10::IValue>;

// Elements that may be allocated to ask the CPU about one operator.
constexpr std::int64_t kMostElements = std::int64_t{1} << 25;

// Errors that zeros cause by their values, not by their shapes.
bool IsAboutValues(std::string_view what) {
  for (const std::string_view mark : {"ZeroDivisionError", "singular", "positive-definite", "division by zero",
                                      "is not invertible", "failed to converge"}) {
    if (what.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

// Sizes beyond these are cut where only types matter.
constexpr std::int64_t kFew = 8;
constexpr std::int64_t kMostMade = std::int64_t{1} << 22;

bool IsAboutTypes(std::string_view what) {
  for (const std::string_view mark :
       {"type", "not implemented for", "not supported", "only supported", "only supports"}) {
    if (what.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

at::Tensor FewElements(const at::Tensor& tensor) {
  if (!tensor.is_meta()) return tensor;
  std::vector<std::int64_t> sizes = tensor.sizes().vec();
  for (std::int64_t& size : sizes) size = std::min(size, kFew);
  return at::empty(sizes, tensor.options());
}

// Another view of the same elements minds no types.
bool IsView(const c10::FunctionSchema& schema) {
  if (schema.returns().empty()) return false;
  const auto* alias = schema.returns()[0].alias_info();
  return alias != nullptr && !alias->isWrite();
}

// What is put into a list or a dict would be put there for good.
bool WritesContainer(const c10::FunctionSchema& schema) {
  return std::any_of(schema.arguments().begin(), schema.arguments().end(), [](const c10::Argument& argument) {
    const auto* alias = argument.alias_info();
    return alias != nullptr && alias->isWrite() && argument.type()->kind() != c10::TypeKind::TensorType;
  });
}

// Sizes that are asked for by number are not cut.
bool AsksForSizes(const Values& inputs) {
  return std::any_of(inputs.begin(), inputs.end(), [](const c10::IValue& input) {
    if (!input.isIntList()) return input.isInt() && input.toInt() > kMostMade;
    const auto list = input.toIntVector();
    return std::any_of(list.begin(), list.end(), [](std::int64_t size) { return size > kFew; });
  });
}

// Of the largest tensor that a list of sizes may ask for: a grid of points, an expanded view.
std::int64_t AskedElements(const Values& inputs) {
  std::int64_t most = 0;
  for (const c10::IValue& input : inputs) {
    if (!input.isIntList()) continue;
    std::int64_t elements = 1;
    for (const std::int64_t size : input.toIntVector()) {
      if (__builtin_mul_overflow(elements, std::max<std::int64_t>(1, size), &elements)) elements = kMostElements + 1;
    }
    most = std::max(most, elements);
  }
  return most;
}

// While it lasts, PyTorch's own kernels compute. oneDNN's recurrent ones read past the end of a state or a sequence
// that does not fit, where these refuse it.
class WithoutOneDnn final {
 public:
  WithoutOneDnn() : before_(at::globalContext().userEnabledMkldnn()) {
    at::globalContext().setUserEnabledMkldnn(false);
  }
  ~WithoutOneDnn() { at::globalContext().setUserEnabledMkldnn(before_); }
  WithoutOneDnn(const WithoutOneDnn&) = delete;
  WithoutOneDnn& operator=(const WithoutOneDnn&) = delete;

 private:
  bool before_;
};

// Outputs without data. What zeros made of a number, or of a tensor without plain sizes, says nothing.
Values WithoutData(const Values& outputs, const Values& unknown) {
  Values shapes;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    bool plain = outputs[i].isTensor() || outputs[i].isTensorList();
    ForEachTensor(outputs[i], [&](const at::Tensor& tensor) { plain &= !tensor.is_nested(); });
    shapes.push_back(plain || i >= unknown.size() ? MapTensors(outputs[i], ToMeta) : unknown[i]);
  }
  return shapes;
}

}  // namespace

Values RunOperator(const torch::jit::Node* node, Values stack) {
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (schema != nullptr && schema->is_vararg()) stack.emplace_back(static_cast<std::int64_t>(node->inputs().size()));
  node->getOperation()(stack);
  return stack;
}

std::string WordsOf(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  return own != nullptr ? own->what_without_backtrace() : error.what();
}

Trials::Outcome Trials::Ask(const torch::jit::Node* node, Values inputs, const Values& unknown) {
  const WithoutOneDnn plain;
  try {
    return {WithoutData(RunOperator(node, std::move(inputs)), unknown), ""};
  } catch (const std::exception& error) {
    return {{}, WordsOf(error)};
  }
}

std::optional<Values> Trials::Try(const torch::jit::Node* node, const Values& inputs, const Values& unknown) {
  const SmallerCall smaller = Shrink(node, inputs);
  const std::int64_t elements = Survey(smaller.inputs).elements + AskedElements(smaller.inputs);
  if (elements > kMostElements) {
    ++untried_;
    return std::nullopt;
  }
  const std::optional<std::string> shapes = KeyOf(smaller.inputs);
  const std::string key = shapes ? c10::str(static_cast<const void*>(node), ' ', *shapes) : "";
  Outcome outcome;
  if (const auto known = known_.find(key); shapes && known != known_.end()) {
    outcome = known->second;
  } else {
    elements_ += elements;
    outcome = Ask(node, MapAll(smaller.inputs, ToReal), unknown);
    if (!outcome.refusal.empty()) {
      if (IsAboutValues(outcome.refusal)) return unknown;
      Outcome of_ones = Ask(node, MapAll(smaller.inputs, ToOnes), unknown);
      if (of_ones.refusal.empty()) outcome = std::move(of_ones);
    }
    if (shapes) known_.emplace(key, outcome);
  }
  if (!outcome.refusal.empty()) {
    // A smaller call is refused with sizes that nobody gave.
    const bool shrunk = !smaller.first.empty() && std::max(Survey(inputs).elements, smaller.hidden) <= kMostMade;
    const std::string words = shrunk ? Ask(node, MapAll(inputs, ToReal), unknown).refusal : "";
    throw std::runtime_error(words.empty() ? outcome.refusal : words);
  }
  return Enlarge(outcome.outputs, smaller);
}

std::string Trials::RefusalOfTypes(const torch::jit::Node* node, const Values& inputs) {
  const Outcome of_zeros = Ask(node, MapAll(MapAll(inputs, FewElements), ToReal), {});
  if (!IsAboutTypes(of_zeros.refusal)) return "";
  const Outcome of_ones = Ask(node, MapAll(MapAll(inputs, FewElements), ToOnes), {});
  return IsAboutTypes(of_ones.refusal) ? of_zeros.refusal : "";
}

void Trials::CheckTypes(const torch::jit::Node* node, const Values& inputs, std::int64_t outputs) {
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (schema == nullptr || !node->kind().is_aten() || IsView(*schema) || WritesContainer(*schema)) return;
  if (outputs > kMostMade && AsksForSizes(inputs)) return;
  std::string key = c10::str(static_cast<const void*>(node));
  for (const at::ScalarType type : Survey(inputs).types) {
    if (at::isQIntType(type)) return;
    key += std::string(" ") + at::toString(type);
  }
  auto known = refused_types_.find(key);
  if (known == refused_types_.end()) known = refused_types_.emplace(key, RefusalOfTypes(node, inputs)).first;
  if (!known->second.empty()) throw std::runtime_error(known->second);
}

}  // namespace torchassay
