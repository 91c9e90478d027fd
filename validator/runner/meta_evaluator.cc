#include "validator/runner/meta_evaluator.h"

#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>

namespace torchassay {
namespace {

using Values = std::vector<c10::IValue>;

// Elements of a model's own tensor, or of one it makes, that may stay real.
constexpr std::int64_t kRealElements = 4096;
// Elements that may be allocated to ask the CPU about one operator.
constexpr std::int64_t kTrialElements = std::int64_t{1} << 25;

bool OneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The result's shape or value depends on data.
bool DependsOnData(std::string_view name) {
  return OneOf(name, {"aten::item", "aten::Bool", "aten::Int", "aten::Float", "aten::Complex", "aten::IntImplicit",
                      "aten::FloatImplicit", "aten::ScalarImplicit", "aten::is_nonzero", "aten::equal",
                      "aten::allclose", "aten::nonzero", "aten::nonzero_numpy", "aten::argwhere",
                      "aten::masked_select", "aten::unique_dim", "aten::unique_consecutive", "aten::_unique2",
                      "aten::_unique", "aten::bincount", "aten::repeat_interleave", "aten::one_hot",
                      "prim::tolist", "aten::_local_scalar_dense", "aten::histc", "aten::combinations"});
}

// These have no shape-only form that checks everything; asking the CPU is exact.
bool NeedsCpu(std::string_view name) {
  return OneOf(name, {"aten::lstm", "aten::gru", "aten::rnn_tanh", "aten::rnn_relu", "aten::lstm_cell",
                      "aten::gru_cell", "aten::rnn_tanh_cell", "aten::rnn_relu_cell"});
}

// Their shape-only forms let mixed element types pass.
bool WantsOneType(std::string_view name) {
  return OneOf(name, {"aten::mm", "aten::matmul", "aten::addmm", "aten::bmm", "aten::baddbmm", "aten::linear",
                      "aten::mv", "aten::addmv", "aten::dot", "aten::einsum", "aten::conv1d", "aten::conv2d",
                      "aten::conv3d", "aten::_convolution", "aten::conv_transpose1d", "aten::conv_transpose2d",
                      "aten::conv_transpose3d", "aten::convolution", "aten::scaled_dot_product_attention",
                      "aten::layer_norm", "aten::batch_norm", "aten::group_norm", "aten::instance_norm",
                      "aten::bilinear"});
}

// Operators that reach outside the process are not tried out.
bool ReachesOutside(std::string_view name) {
  return OneOf(name, {"aten::save", "aten::from_file", "aten::_load_for_lite_interpreter"});
}

void ForEachTensor(const c10::IValue& value, const std::function<void(const at::Tensor&)>& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) visit(value.toTensor());
  } else if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) ForEachTensor(item, visit);
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) ForEachTensor(item, visit);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) ForEachTensor(entry.value(), visit);
  }
}

c10::IValue MapTensors(const c10::IValue& value, const std::function<at::Tensor(const at::Tensor&)>& change) {
  if (value.isTensor()) return value.toTensor().defined() ? c10::IValue(change(value.toTensor())) : value;
  if (value.isTuple()) {
    Values items;
    for (const c10::IValue& item : value.toTupleRef().elements()) items.push_back(MapTensors(item, change));
    return c10::ivalue::Tuple::create(std::move(items));
  }
  if (value.isList() && (value.isTensorList() || value.isOptionalTensorList())) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : value.toListRef()) list.push_back(MapTensors(item, change));
    return list;
  }
  return value;
}

bool HoldsUnknown(const c10::IValue& value) {
  if (IsUnknown(value)) return true;
  if (value.isTuple()) {
    const auto& items = value.toTupleRef().elements();
    return std::any_of(items.begin(), items.end(), HoldsUnknown);
  }
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      if (HoldsUnknown(entry.value())) return true;
    }
  }
  return false;
}

struct Tensors {
  bool meta = false;
  bool real = false;       // with more than one element
  bool bool_mask = false;  // a mask without data
  std::int64_t elements = 0;
  std::vector<at::ScalarType> types;
};

Tensors Survey(const Values& inputs) {
  Tensors tensors;
  for (const c10::IValue& input : inputs) {
    ForEachTensor(input, [&](const at::Tensor& tensor) {
      tensors.meta |= tensor.is_meta();
      tensors.real |= !tensor.is_meta() && tensor.numel() > 1;
      tensors.bool_mask |= tensor.is_meta() && tensor.scalar_type() == at::kBool;
      tensors.elements += tensor.numel();
      tensors.types.push_back(tensor.scalar_type());
    });
  }
  return tensors;
}

bool Mixed(const std::vector<at::ScalarType>& types) {
  return std::any_of(types.begin(), types.end(), [&](at::ScalarType type) { return type != types[0]; });
}

// Integers never meet floats in these; what two floating types do, the CPU decides.
void RefuseMixedKinds(const std::vector<at::ScalarType>& types) {
  for (const at::ScalarType type : types) {
    if (at::isIntegralType(type, true) == at::isIntegralType(types[0], true)) continue;
    throw std::runtime_error(std::string("expected inputs of one dtype, got ") + at::toString(types[0]) + " and " +
                             at::toString(type));
  }
}

// A sequence, or a batch of sequences; whether it is more is not worth computing.
void RefuseHighRank(const c10::IValue& input) {
  if (!input.isTensor() || input.toTensor().dim() <= 3) return;
  throw std::runtime_error("expected a 2-D or 3-D sequence, got " + std::to_string(input.toTensor().dim()) + "-D");
}

at::Tensor ToMeta(const at::Tensor& tensor) {
  return tensor.is_meta() ? tensor : at::empty_strided(tensor.sizes(), tensor.strides(), tensor.options().device(at::kMeta));
}

at::Tensor ToZeros(const at::Tensor& tensor) {
  if (!tensor.is_meta()) return tensor.clone();
  return at::zeros(tensor.sizes(), tensor.options().device(at::kCPU));
}

// What a real result may keep of its data: nothing where inputs had none.
at::Tensor KeepSmall(const at::Tensor& tensor) {
  return tensor.is_meta() || (tensor.numel() <= kRealElements && tensor.layout() == at::kStrided) ? tensor
                                                                                                : ToMeta(tensor);
}

Values RunOperator(const torch::jit::Node* node, Values stack) {
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (schema != nullptr && schema->is_vararg()) stack.emplace_back(static_cast<std::int64_t>(node->inputs().size()));
  node->getOperation()(stack);
  return stack;
}

Values MapAll(const Values& values, const std::function<at::Tensor(const at::Tensor&)>& change) {
  Values mapped;
  for (const c10::IValue& value : values) mapped.push_back(MapTensors(value, change));
  return mapped;
}

// The operator does not do without data; anything else that it says, it says on every device.
bool WantsData(std::string_view what) {
  for (const std::string_view mark : {"meta", "Meta", "not implemented", "fake impl", "data is not allocated"}) {
    if (what.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

// These give what they get, and some have no shape-only form.
bool KeepsShape(std::string_view name) {
  return OneOf(name, {"aten::hardtanh", "aten::hardtanh_", "aten::hardswish", "aten::hardswish_", "aten::relu6",
                      "aten::relu6_", "aten::dropout", "aten::dropout_", "aten::feature_dropout", "aten::prelu",
                      "aten::celu", "aten::selu", "aten::mish", "aten::softshrink", "aten::hardshrink", "aten::silu",
                      "aten::silu_", "aten::hardsigmoid", "aten::hardsigmoid_", "aten::log_sigmoid", "aten::clamp"});
}

// Errors that zeros cause by their values, not by their shapes.
bool IsAboutValues(std::string_view what) {
  for (const std::string_view mark : {"ZeroDivisionError", "singular", "positive-definite", "division by zero",
                                      "is not invertible", "failed to converge"}) {
    if (what.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

Values UnknownOutputs(const torch::jit::Node* node) { return Values(node->outputs().size(), Unknown()); }

// The operator on zeros of the same shapes: what it says is the truth, what it computes is not.
Values TryOnCpu(const torch::jit::Node* node, const Values& inputs) {
  try {
    return MapAll(RunOperator(node, MapAll(inputs, ToZeros)), ToMeta);
  } catch (const std::exception& error) {
    if (IsAboutValues(error.what())) return UnknownOutputs(node);
    throw;
  }
}

// A device that the file names and this machine lacks refuses every input.
void CheckDevices(const Values& inputs) {
  for (const c10::IValue& input : inputs) {
    if (!input.isDevice() || !input.toDevice().is_cuda() || at::hasCUDA()) continue;
    throw std::runtime_error("the model names the device `" + input.toDevice().str() + "`, which is not there");
  }
}

// Tensors of the model live on the CPU as far as it can see.
std::optional<Values> DeviceOf(std::string_view name, const Values& inputs) {
  if (name == "prim::device" && inputs[0].isTensor()) return Values{at::Device(at::kCPU)};
  if (name == "prim::is_meta") return Values{false};
  return std::nullopt;
}

}  // namespace

Values MetaEvaluator::Evaluate(const torch::jit::Node* node, Values inputs) {
  const std::string name = node->kind().toQualString();
  if (ReachesOutside(name) || std::any_of(inputs.begin(), inputs.end(), HoldsUnknown)) return UnknownOutputs(node);
  CheckDevices(inputs);
  if (auto device = DeviceOf(name, inputs)) return *std::move(device);
  const Tensors tensors = Survey(inputs);
  if (!tensors.meta) return MapAll(RunOperator(node, std::move(inputs)), KeepSmall);
  if (DependsOnData(name)) return UnknownOutputs(node);
  if (tensors.bool_mask && OneOf(name, {"aten::index", "aten::index_put", "aten::index_put_"})) {
    return name == "aten::index" ? UnknownOutputs(node) : Values{inputs[0]};
  }
  if (WantsOneType(name)) RefuseMixedKinds(tensors.types);
  if (NeedsCpu(name)) RefuseHighRank(inputs[0]);
  if (NeedsCpu(name) || (WantsOneType(name) && Mixed(tensors.types))) {
    if (tensors.elements <= kTrialElements) return TryOnCpu(node, inputs);
    if (Mixed(tensors.types)) throw std::runtime_error("expected inputs of one dtype");
    return UnknownOutputs(node);
  }
  try {
    return RunOperator(node, tensors.real ? MapAll(inputs, ToMeta) : inputs);
  } catch (const std::exception& error) {
    if (!WantsData(error.what())) throw;
    if (KeepsShape(name) && inputs[0].isTensor()) return {at::empty_like(inputs[0].toTensor())};
    if (tensors.elements > kTrialElements) throw;
    return TryOnCpu(node, inputs);
  }
}

at::Tensor MetaEvaluator::Attribute(const at::Tensor& tensor) {
  const auto known = stand_ins_.find(tensor.unsafeGetTensorImpl());
  if (known != stand_ins_.end()) return known->second;
  const bool plain = tensor.layout() == at::kStrided && !tensor.is_quantized();
  const bool real = !plain || tensor.numel() <= 1 ||
                    (!at::isFloatingType(tensor.scalar_type()) && tensor.numel() <= kRealElements);
  at::Tensor stand_in = real ? tensor.detach().clone() : ToMeta(tensor.detach());
  stand_ins_.emplace(tensor.unsafeGetTensorImpl(), stand_in);
  return stand_in;
}

}  // namespace torchassay
