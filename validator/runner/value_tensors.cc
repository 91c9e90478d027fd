#include "validator/runner/value_tensors.h"

#include <ATen/Functions.h>
#include <c10/util/StringUtil.h>

#include <algorithm>
#include <sstream>

namespace torchassay {
namespace {

// Up to here a tensor is filled with zeros; larger ones are what the allocator gives, mostly untouched pages.
constexpr std::int64_t kZeroed = std::int64_t{1} << 16;

// False where the value cannot be told by a text.
bool AppendKey(const c10::IValue& value, std::ostream& key) {
  if (value.isTensor() && value.toTensor().defined()) {
    const at::Tensor& tensor = value.toTensor();
    key << tensor.scalar_type() << tensor.sizes() << tensor.strides() << ';';
    return tensor.is_meta();
  }
  if (value.isTuple() || value.isList()) {
    const auto items = value.isTuple() ? c10::ArrayRef<c10::IValue>(value.toTupleRef().elements()) : value.toListRef();
    key << items.size() << '(';
    return std::all_of(items.begin(), items.end(), [&](const c10::IValue& item) { return AppendKey(item, key); });
  }
  if (value.isObject() || value.isCapsule() || value.isPtrType()) {
    key << value.tagKind() << value.internalToPointer() << ';';
  } else {
    key << value.tagKind() << value << ';';
  }
  return true;
}

bool IsListOfTensors(const c10::IValue& value) {
  if (!value.isList()) return false;
  const c10::TypePtr type = value.toList().elementType();
  const auto optional = type->cast<c10::OptionalType>();
  return (optional ? optional->getElementType() : type)->kind() == c10::TypeKind::TensorType;
}

}  // namespace

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
    std::vector<c10::IValue> items;
    for (const c10::IValue& item : value.toTupleRef().elements()) items.push_back(MapTensors(item, change));
    return c10::ivalue::Tuple::create(std::move(items));
  }
  if (IsListOfTensors(value)) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : value.toListRef()) list.push_back(MapTensors(item, change));
    return list;
  }
  return value;
}

std::vector<c10::IValue> MapAll(const std::vector<c10::IValue>& values,
                                const std::function<at::Tensor(const at::Tensor&)>& change) {
  std::vector<c10::IValue> mapped;
  for (const c10::IValue& value : values) mapped.push_back(MapTensors(value, change));
  return mapped;
}

at::Tensor ToMeta(const at::Tensor& tensor) {
  if (tensor.is_meta()) return tensor;
  const at::TensorOptions options = at::TensorOptions(tensor.scalar_type()).device(at::kMeta);
  if (tensor.layout() != at::kStrided || tensor.is_quantized()) return at::empty(tensor.sizes(), options);
  at::Tensor meta = at::empty_strided(tensor.sizes(), tensor.strides(), options);
  if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) meta.unsafeGetTensorImpl()->set_wrapped_number(true);
  return meta;
}

at::Tensor ToReal(const at::Tensor& tensor) {
  if (!tensor.is_meta()) return tensor.clone();
  if (at::isQIntType(tensor.scalar_type())) {
    return at::_empty_affine_quantized(tensor.sizes(), at::TensorOptions(tensor.scalar_type()), 1.0, 0);
  }
  at::Tensor real = at::empty_strided(tensor.sizes(), tensor.strides(), at::TensorOptions(tensor.scalar_type()));
  const bool plain = at::isFloatingType(tensor.scalar_type()) && tensor.numel() > kZeroed;
  return plain ? real : real.zero_();
}

at::Tensor ToOnes(const at::Tensor& tensor) {
  const at::Tensor real = ToReal(tensor);
  return tensor.is_meta() && !real.is_quantized() ? real.fill_(1) : real;
}

bool TensorSurvey::MixesTypes() const {
  return std::any_of(types.begin(), types.end(), [&](at::ScalarType type) { return type != types[0]; });
}

TensorSurvey Survey(const std::vector<c10::IValue>& values) {
  TensorSurvey survey;
  for (const c10::IValue& value : values) {
    ForEachTensor(value, [&](const at::Tensor& tensor) {
      survey.meta |= tensor.is_meta();
      survey.real |= !tensor.is_meta() && tensor.numel() > 1;
      survey.bool_mask |= tensor.is_meta() && tensor.scalar_type() == at::kBool;
      survey.elements += tensor.numel();
      survey.types.push_back(tensor.scalar_type());
    });
  }
  return survey;
}

std::optional<std::string> KeyOf(const std::vector<c10::IValue>& values) {
  std::ostringstream key;
  const bool told =
      std::all_of(values.begin(), values.end(), [&](const c10::IValue& value) { return AppendKey(value, key); });
  return told ? std::optional(key.str()) : std::nullopt;
}

}  // namespace torchassay
