#include "validator/signature/provided.h"

#include <algorithm>
#include <set>

#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

constexpr std::string_view kInputPrefix = "input.";

TensorSpec SpecOf(DType dtype, const Shape& shape) {
  TensorSpec spec;
  spec.dtype = dtype;
  for (const std::int64_t size : shape) spec.dims.push_back(Dim{.size = size});
  return spec;
}

ScalarSpec Constantly(ScalarKind kind, Constant value) {
  ValueDomain domain;
  domain.choices = std::vector<Constant>{std::move(value)};
  return {kind, std::move(domain)};
}

struct SpecOfLeaf {
  ValueSpec operator()(NoneValue) const { return ScalarSpec{ScalarKind::kNone, std::nullopt}; }
  ValueSpec operator()(const TensorRef& tensor) const {
    TensorSpec spec = SpecOf(tensor.dtype, tensor.shape);
    if (tensor.layout == "channels_last") spec.layout = Layout::kChannelsLast;
    if (tensor.requires_grad) spec.layout = Layout::kGrad;
    return spec;
  }
  ValueSpec operator()(const TupleValue& tuple) const { return Items(tuple.items.size()); }
  ValueSpec operator()(const ListValue& list) const { return Items(list.items.size()); }
  ValueSpec operator()(const DictValue&) const { return KeysSpec{}; }
  ValueSpec operator()(bool value) const { return Constantly(ScalarKind::kBool, value); }
  ValueSpec operator()(std::int64_t value) const { return Constantly(ScalarKind::kInt, value); }
  ValueSpec operator()(double value) const { return Constantly(ScalarKind::kFloat, value); }
  ValueSpec operator()(const std::complex<double>& value) const { return Constantly(ScalarKind::kFloat, value.real()); }
  ValueSpec operator()(const std::string& value) const { return Constantly(ScalarKind::kStr, value); }

  static ListSpec Items(std::size_t count) {
    return {static_cast<std::int64_t>(count), static_cast<std::int64_t>(count)};
  }
};

void AppendLeaves(const Value& value, const std::string& path, std::vector<Provided>& provided) {
  for (const auto& [leaf_path, leaf] : Leaves(value, path)) {
    provided.push_back({leaf_path, std::visit(SpecOfLeaf(), leaf->content), std::nullopt});
  }
}

}  // namespace

std::vector<Provided> ProvidedFromSpecs(std::span<const InputSpec> specs) {
  std::vector<Provided> provided;
  for (const InputSpec& spec : specs) provided.push_back({spec.path, spec.value, std::nullopt});
  return provided;
}

std::vector<Provided> ProvidedFromTensors(std::span<const std::pair<std::string, TensorView>> tensors) {
  std::vector<Provided> provided;
  for (const auto& [name, view] : tensors) {
    if (name == "output" || name.starts_with("output.") || name.starts_with("output[")) continue;
    const bool prefixed = name.starts_with(kInputPrefix);
    provided.push_back({prefixed ? name.substr(kInputPrefix.size()) : name, SpecOf(view.dtype, view.shape), view});
  }
  return provided;
}

void UnnameArray(std::span<const std::string> inputs, std::vector<Provided>& provided) {
  if (provided.size() != 1 || provided[0].path != "array") return;
  if (std::ranges::find(inputs, provided[0].path) == inputs.end()) provided[0].path.clear();
}

std::vector<Provided> ProvidedFromCall(std::span<const Value> args,
                                       std::span<const std::pair<std::string, Value>> kwargs,
                                       std::span<const std::string> argument_names) {
  std::vector<Provided> provided;
  for (std::size_t i = 0; i < args.size(); ++i) {
    AppendLeaves(args[i], i < argument_names.size() ? argument_names[i] : "", provided);
  }
  for (const auto& [name, value] : kwargs) AppendLeaves(value, name, provided);
  return provided;
}

}  // namespace torchassay
