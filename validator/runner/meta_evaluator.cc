#include "validator/runner/meta_evaluator.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "validator/runner/operator_checks.h"
#include "validator/runner/operator_traits.h"

namespace torchassay {
namespace {

using Values = std::vector<c10::IValue>;

// Elements of a model's own tensor, or of one it makes, that may stay real; indices are worth more than numbers.
constexpr std::int64_t kRealElements = 4096;
constexpr std::int64_t kRealIndices = std::int64_t{1} << 18;
constexpr std::size_t kComparedKept = 8;

bool StaysReal(const at::Tensor& tensor) {
  const bool indices = at::isIntegralType(tensor.scalar_type(), /*includeBool=*/false);
  return tensor.numel() <= (indices ? kRealIndices : kRealElements);
}

// Integers never meet floats in these; what two floating types do, the CPU decides.
void RefuseMixedKinds(const std::vector<at::ScalarType>& types) {
  for (const at::ScalarType type : types) {
    if (at::isIntegralType(type, true) == at::isIntegralType(types[0], true)) continue;
    throw std::runtime_error(std::string("expected inputs of one dtype, got ") + at::toString(types[0]) + " and " +
                             at::toString(type));
  }
}

// The inputs of an operator that must be of one type: what masks attention may be boolean.
Values AlikeOf(std::string_view name, const Values& inputs) {
  if (name != "aten::scaled_dot_product_attention" || inputs.size() < 3) return inputs;
  return {inputs.begin(), inputs.begin() + 3};
}

// What a real result may keep of its data: nothing where inputs had none.
at::Tensor KeepSmall(const at::Tensor& tensor) {
  if (tensor.is_meta() || (tensor.layout() == at::kStrided && StaysReal(tensor))) return tensor;
  return ToMeta(tensor);
}

// There is no shape-only form of the operator; anything else that it says, it says on every device.
bool WantsData(std::string_view what) {
  for (const std::string_view mark :
       {"Meta tensors", "'Meta' backend", "meta tensor", "fake impl", "data is not allocated"}) {
    if (what.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

// A trace records a Python number beside a tensor as a tensor without dimensions. LibTorch's executor makes it a number
// again, which has no say in the type of the result, where it is the second operand of these.
Values WithNumbers(const torch::jit::Node* node, const std::string& name, Values inputs) {
  const bool arithmetic = OneOf(name, {"aten::add", "aten::sub", "aten::mul", "aten::div"});
  if (!arithmetic || inputs.size() < 2 || !inputs[0].isTensor() || !inputs[1].isTensor()) return inputs;
  const at::Tensor& number = inputs[1].toTensor();
  const bool constant = node->input(1)->node()->kind() == torch::jit::prim::Constant;
  if (!constant || !number.defined() || number.dim() != 0 || number.is_meta()) return inputs;
  at::Tensor wrapped = number.detach().clone();
  wrapped.unsafeGetTensorImpl()->set_wrapped_number(true);
  inputs[1] = wrapped;
  return inputs;
}

Values UnknownOutputs(const torch::jit::Node* node) { return Values(node->outputs().size(), Unknown()); }

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

// Index tensors in place of masks, each of as many elements as the masks select.
c10::IValue WithoutMasks(const c10::IValue& indices, std::int64_t count) {
  c10::impl::GenericList list(indices.toList().elementType());
  for (const c10::IValue& item : indices.toListRef()) {
    const bool mask = item.isTensor() && item.toTensor().defined() && item.toTensor().scalar_type() == at::kBool;
    const std::int64_t dims = mask ? item.toTensor().dim() : 1;
    for (std::int64_t i = 0; i < dims; ++i) {
      list.push_back(mask ? c10::IValue(at::empty({count}, at::TensorOptions(at::kLong).device(at::kMeta))) : item);
    }
  }
  return list;
}

std::int64_t MaskElements(const c10::IValue& indices) {
  for (const c10::IValue& item : indices.toListRef()) {
    const bool mask = item.isTensor() && item.toTensor().defined() && item.toTensor().scalar_type() == at::kBool;
    if (mask) return item.toTensor().numel();
  }
  return 0;
}

}  // namespace

Values MetaEvaluator::Evaluate(const torch::jit::Node* node, Values inputs) {
  Values outputs = Compute(node, inputs);
  origins_.Derive(inputs, outputs);
  return outputs;
}

Values MetaEvaluator::Compute(const torch::jit::Node* node, Values inputs) {
  const std::string name = node->kind().toQualString();
  if (ReachesOutside(name) || std::any_of(inputs.begin(), inputs.end(), HoldsUnknown)) return UnknownOutputs(node);
  CheckDevices(inputs);
  NoteComparison(name, inputs);
  inputs = WithNumbers(node, name, std::move(inputs));
  if (auto device = DeviceOf(name, inputs)) return *std::move(device);
  const TensorSurvey survey = Survey(inputs);
  if (!survey.meta) return OnRealTensors(node, std::move(inputs), survey);
  if (DependsOnData(name)) return WithoutResult(node, name, inputs);
  if (auto selected = Select(node, name, inputs, survey)) return *std::move(selected);
  return Ordinary(node, name, inputs, survey);
}

void MetaEvaluator::NoteComparison(const std::string& name, const Values& inputs) {
  if (!OneOf(name, {"aten::eq", "aten::ne", "aten::lt", "aten::le", "aten::gt", "aten::ge", "aten::__contains__"}))
    return;
  const auto note = [&](const c10::IValue& value) {
    if (value.isInt()) compared_.push_back(value.toInt());
    if (value.isString()) compared_words_.push_back(value.toStringRef());
  };
  for (const c10::IValue& input : inputs) {
    note(input);
    if (input.isList()) std::ranges::for_each(input.toListRef(), note);
  }
  const auto forget = [](auto& noted) {
    if (noted.size() > kComparedKept) noted.erase(noted.begin(), noted.end() - kComparedKept);
  };
  forget(compared_);
  forget(compared_words_);
}

// What a factory or an operator on real tensors would make, if that is more than is worth making.
std::optional<Values> MetaEvaluator::ShapesFirst(const torch::jit::Node* node, const Values& inputs,
                                                 const TensorSurvey& survey) {
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (schema == nullptr || node->outputs().size() != 1 || node->output()->type()->kind() != c10::TypeKind::TensorType) {
    return std::nullopt;
  }
  const auto device = schema->argumentIndexWithName("device");
  if (!device && survey.elements == 0) return std::nullopt;
  try {
    Values shapes = MapAll(inputs, ToMeta);
    if (device && static_cast<std::size_t>(*device) < shapes.size()) shapes[*device] = at::Device(at::kMeta);
    Values outputs = RunOperator(node, std::move(shapes));
    if (outputs[0].isTensor() && !StaysReal(outputs[0].toTensor())) return outputs;
  } catch (const std::exception&) {
  }
  return std::nullopt;
}

Values MetaEvaluator::OnRealTensors(const torch::jit::Node* node, Values inputs, const TensorSurvey& survey) {
  if (auto outputs = ShapesFirst(node, inputs, survey)) return *std::move(outputs);
  return MapAll(RunOperator(node, std::move(inputs)), KeepSmall);
}

// Whether it is taken can be seen on zeros, what comes of it cannot.
Values MetaEvaluator::WithoutResult(const torch::jit::Node* node, const std::string& name, const Values& inputs) {
  if (!name.starts_with("aten::")) return UnknownOutputs(node);
  const auto outputs = trials_.Try(node, inputs, UnknownOutputs(node));
  const bool shaped = name == "aten::one_hot" && inputs.size() > 1 && inputs[1].isInt() && inputs[1].toInt() > 0;
  return shaped && outputs ? *outputs : UnknownOutputs(node);
}

std::int64_t MetaEvaluator::CountOf(std::int64_t elements) {
  has_assumed_ = true;
  return assumed_ == Assumed::kAll ? elements : std::min<std::int64_t>(elements, 1);
}

// Operators that keep as many elements as a mask says.
std::optional<Values> MetaEvaluator::Select(const torch::jit::Node* node, const std::string& name, const Values& inputs,
                                            const TensorSurvey& survey) {
  if (name == "aten::nonzero") {
    const at::Tensor& tensor = inputs[0].toTensor();
    return Values{at::empty({CountOf(tensor.numel()), tensor.dim()}, at::TensorOptions(at::kLong).device(at::kMeta))};
  }
  if (name == "aten::masked_select") {
    trials_.Try(node, inputs, {});
    const std::int64_t elements = std::max(inputs[0].toTensor().numel(), inputs[1].toTensor().numel());
    return Values{at::empty({CountOf(elements)}, inputs[0].toTensor().options().device(at::kMeta))};
  }
  if (!survey.bool_mask || !OneOf(name, {"aten::index", "aten::index_put", "aten::index_put_"})) return std::nullopt;
  if (name != "aten::index") return Values{inputs[0]};
  trials_.Try(node, inputs, {});
  const c10::IValue indices = WithoutMasks(inputs[1], CountOf(MaskElements(inputs[1])));
  return RunOperator(node, MapAll({inputs[0], indices}, ToMeta));
}

Values MetaEvaluator::Ordinary(const torch::jit::Node* node, const std::string& name, const Values& inputs,
                               const TensorSurvey& survey) {
  CheckInputs(name, inputs);
  const TensorSurvey alike = WantsOneType(name) ? Survey(AlikeOf(name, inputs)) : TensorSurvey();
  RefuseMixedKinds(alike.types);
  const bool mixed = alike.MixesTypes();
  if (NeedsTrial(name) || mixed) {
    if (auto outputs = trials_.Try(node, inputs, UnknownOutputs(node))) return *std::move(outputs);
    if (mixed && !name.ends_with("_norm")) throw std::runtime_error("expected inputs of one dtype");
    return UnknownOutputs(node);
  }
  Values computed;
  try {
    computed = RunOperator(node, survey.real ? MapAll(inputs, ToMeta) : inputs);
  } catch (const std::exception& error) {
    // Shape-only forms are sometimes missing, sometimes stricter than the real ones: the CPU has the last word.
    const bool lacking = WantsData(WordsOf(error));
    const bool plain = inputs[0].isTensor() && !inputs[0].toTensor().is_quantized();
    if (lacking && plain && KeepsShape(name)) {
      trials_.CheckTypes(node, inputs, 0);
      return {at::empty_like(inputs[0].toTensor())};
    }
    if (auto outputs = trials_.Try(node, inputs, UnknownOutputs(node))) return *std::move(outputs);
    if (lacking) return UnknownOutputs(node);
    throw;
  }
  trials_.CheckTypes(node, inputs, Survey(computed).elements);
  return computed;
}

at::Tensor MetaEvaluator::Attribute(const at::Tensor& tensor) {
  const auto known = stand_ins_.find(tensor.unsafeGetTensorImpl());
  if (known != stand_ins_.end()) return known->second;
  const bool plain = tensor.layout() == at::kStrided && !tensor.is_quantized();
  const bool real = !plain || tensor.numel() <= 1 || (!at::isFloatingType(tensor.scalar_type()) && StaysReal(tensor));
  at::Tensor stand_in = real ? tensor.detach().clone() : ToMeta(tensor.detach());
  stand_ins_.emplace(tensor.unsafeGetTensorImpl(), stand_in);
  return stand_in;
}

}  // namespace torchassay
