#include "validator/runner/prim_nodes.h"

#include <algorithm>
#include <stdexcept>

#include "validator/runner/interpreter.h"

namespace torchassay {
namespace {

using Values = std::vector<c10::IValue>;

bool AnyUnknown(const Values& values) { return std::any_of(values.begin(), values.end(), IsUnknown); }

Values UnknownOutputs(const torch::jit::Node* node) { return Values(node->outputs().size(), Unknown()); }

// A list's element type is checked by whoever reads it, so nothing unknown may be in it.
Values MakeList(const torch::jit::Node* node, const Values& inputs) {
  if (AnyUnknown(inputs)) return {Unknown()};
  c10::impl::GenericList list(node->output()->type()->expectRef<c10::ListType>().getElementType());
  for (const c10::IValue& input : inputs) list.push_back(input);
  return {list};
}

Values MakeDict(const torch::jit::Node* node, const Values& inputs) {
  const auto& type = node->output()->type()->expectRef<c10::DictType>();
  c10::impl::GenericDict dict(type.getKeyType(), type.getValueType());
  for (std::size_t i = 0; i + 1 < inputs.size(); i += 2) {
    if (IsUnknown(inputs[i])) return {Unknown()};
    dict.insert_or_assign(inputs[i], inputs[i + 1]);
  }
  return {dict};
}

Values MakeTuple(const torch::jit::Node* node, const Values& inputs) {
  const auto type = node->output()->type()->expect<c10::TupleType>();
  if (type->schema() != nullptr) return {c10::ivalue::Tuple::createNamed(inputs, type)};
  return {c10::ivalue::Tuple::create(inputs)};
}

Values Unpack(const torch::jit::Node* node, const c10::IValue& value) {
  if (IsUnknown(value)) return UnknownOutputs(node);
  Values items;
  if (value.isTuple()) {
    items = value.toTupleRef().elements().vec();
  } else {
    items = value.toListRef().vec();
  }
  if (items.size() != node->outputs().size()) {
    throw std::runtime_error("expected " + std::to_string(node->outputs().size()) + " elements in a list but found " +
                             std::to_string(items.size()));
  }
  return items;
}

std::size_t NormalIndex(std::int64_t index, std::size_t size) {
  if (index < 0) index += static_cast<std::int64_t>(size);
  if (index < 0 || index >= static_cast<std::int64_t>(size)) throw std::out_of_range("tuple index out of range");
  return static_cast<std::size_t>(index);
}

Values IndexTuple(const Values& inputs) {
  if (AnyUnknown(inputs)) return {Unknown()};
  const auto& elements = inputs[0].toTupleRef().elements();
  return {elements[NormalIndex(inputs[1].toInt(), elements.size())]};
}

Values SliceTuple(const torch::jit::Node* node, const c10::IValue& tuple) {
  if (IsUnknown(tuple)) return {Unknown()};
  const auto& elements = tuple.toTupleRef().elements();
  Values items;
  for (std::int64_t i = node->i(c10::attr::beg); i < node->i(c10::attr::end); ++i) items.push_back(elements[i]);
  return {c10::ivalue::Tuple::create(std::move(items))};
}

Values IsInstance(const torch::jit::Node* node, const c10::IValue& value) {
  if (IsUnknown(value)) return {Unknown()};
  const c10::TypePtr type = value.type();
  const auto& candidates = node->tys(c10::attr::types);
  return {std::any_of(candidates.begin(), candidates.end(),
                      [&](const c10::TypePtr& candidate) { return type->isSubtypeOf(*candidate); })};
}

// `x is None` where the data of x is not there, but its type says that it is no None.
std::optional<Values> CompareWithNone(const torch::jit::Node* node, const Values& inputs, bool negated) {
  if (!AnyUnknown(inputs)) return std::nullopt;
  const std::size_t unknown = IsUnknown(inputs[0]) ? 0 : 1;
  const c10::TypeKind kind = node->inputs()[unknown]->type()->kind();
  const bool maybe_none = kind == c10::TypeKind::OptionalType || kind == c10::TypeKind::NoneType ||
                          kind == c10::TypeKind::AnyType || kind == c10::TypeKind::UnionType;
  if (maybe_none || !inputs[1 - unknown].isNone()) return Values{Unknown()};
  return Values{negated};
}

}  // namespace

std::optional<Values> ComputeStructure(const torch::jit::Node* node, const Values& inputs) {
  switch (node->kind()) {
    case c10::prim::ListConstruct: return MakeList(node, inputs);
    case c10::prim::DictConstruct: return MakeDict(node, inputs);
    case c10::prim::TupleConstruct: return MakeTuple(node, inputs);
    case c10::prim::ListUnpack:
    case c10::prim::TupleUnpack: return Unpack(node, inputs[0]);
    case c10::prim::TupleIndex: return IndexTuple(inputs);
    case c10::prim::TupleSlice: return SliceTuple(node, inputs[0]);
    case c10::prim::isinstance: return IsInstance(node, inputs[0]);
    case c10::prim::unchecked_cast: return Values{inputs[0]};
    case c10::prim::Uninitialized: return Values{Unknown()};
    case c10::prim::Print:
    case c10::aten::warn: return Values{};
    // `with torch.no_grad():` and its like change no shapes.
    case c10::prim::Enter: return Values{inputs[0]};
    case c10::prim::Exit: return Values{c10::IValue()};
    case c10::prim::CreateObject:
      return Values{
          c10::ivalue::Object::create(c10::StrongTypePtr(nullptr, node->output()->type()->expect<c10::ClassType>()),
                                      node->output()->type()->expectRef<c10::ClassType>().numAttributes())};
    case c10::aten::__is__: return CompareWithNone(node, inputs, false);
    case c10::aten::__isnot__: return CompareWithNone(node, inputs, true);
    case c10::aten::wait: return Values{inputs[0]};
    default: return std::nullopt;
  }
}

}  // namespace torchassay
