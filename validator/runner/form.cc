#include "validator/runner/form.h"

#include <algorithm>
#include <complex>
#include <functional>
#include <iterator>
#include <set>

#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

// Keys with which the code looks into dicts.
std::vector<DictKey> KeysAskedFor(Model& model) {
  std::set<DictKey> keys;
  const std::function<void(const torch::jit::Block*)> visit = [&](const torch::jit::Block* block) {
    for (const torch::jit::Node* node : block->nodes()) {
      const bool lookup = node->kind() == c10::aten::__getitem__ && node->inputs().size() == 2 &&
                          node->inputs()[0]->type()->kind() == c10::TypeKind::DictType;
      if (lookup) {
        const auto key = torch::jit::toIValue(node->inputs()[1]);
        if (key && key->isString()) keys.insert(key->toStringRef());
        if (key && key->isInt()) keys.insert(key->toInt());
      }
      for (const torch::jit::Block* inner : node->blocks()) visit(inner);
    }
  };
  for (torch::jit::Function* function : model.module()._ivalue()->compilation_unit()->get_functions()) {
    if (function->isGraphFunction()) visit(torch::jit::toGraphFunction(*function).graph()->block());
  }
  return {keys.begin(), keys.end()};
}

// Makes plain values of TorchScript types.
class Declarer {
 public:
  Declarer(std::vector<DictKey> keys, std::size_t list_items) : keys_(std::move(keys)), list_items_(list_items) {}

  std::optional<Value> Make(const c10::TypePtr& type, const std::string& path) const {
    switch (type->kind()) {
      case c10::TypeKind::TensorType: return MakeTensor(type, path);
      case c10::TypeKind::IntType: return Value{std::int64_t{1}};
      case c10::TypeKind::NumberType:
      case c10::TypeKind::FloatType: return Value{1.0};
      case c10::TypeKind::ComplexType: return Value{std::complex<double>(1, 0)};
      case c10::TypeKind::BoolType: return Value{false};
      case c10::TypeKind::StringType: return Value{std::string()};
      case c10::TypeKind::OptionalType:
      case c10::TypeKind::NoneType: return Value{NoneValue{}};
      case c10::TypeKind::ListType: return MakeList(type->expectRef<c10::ListType>(), path);
      case c10::TypeKind::TupleType: return MakeTuple(type->expectRef<c10::TupleType>(), path);
      case c10::TypeKind::DictType: return MakeDict(type->expectRef<c10::DictType>(), path);
      default: return std::nullopt;
    }
  }

 private:
  // With the shape that a trace left, where there is one.
  static Value MakeTensor(const c10::TypePtr& type, const std::string& path) {
    TensorRef tensor{.name = path};
    const auto& known = type->expectRef<c10::TensorType>();
    if (const auto sizes = known.sizes().concrete_sizes()) tensor.shape = *sizes;
    if (known.scalarType()) tensor.dtype = FromScalarType(*known.scalarType());
    return {tensor};
  }

  std::optional<Value> MakeList(const c10::ListType& type, const std::string& path) const {
    ListValue list;
    for (std::size_t i = 0; i < list_items_; ++i) {
      auto item = Make(type.getElementType(), ItemPath(path, i));
      if (!item) return std::nullopt;
      list.items.push_back(*std::move(item));
    }
    return Value{std::move(list)};
  }

  std::optional<Value> MakeTuple(const c10::TupleType& type, const std::string& path) const {
    TupleValue tuple;
    if (type.schema() != nullptr) {
      for (const c10::Argument& field : type.schema()->arguments()) tuple.names.push_back(field.name());
    }
    for (std::size_t i = 0; i < type.elements().size(); ++i) {
      auto item = Make(type.elements()[i], TupleItemPath(path, tuple, i));
      if (!item) return std::nullopt;
      tuple.items.push_back(*std::move(item));
    }
    return Value{std::move(tuple)};
  }

  std::optional<Value> MakeDict(const c10::DictType& type, const std::string& path) const {
    const bool by_name = type.getKeyType()->kind() == c10::TypeKind::StringType;
    if (!by_name && type.getKeyType()->kind() != c10::TypeKind::IntType) return std::nullopt;
    std::vector<DictKey> keys;
    std::ranges::copy_if(keys_, std::back_inserter(keys), [&](const DictKey& key) {
      return by_name ? std::holds_alternative<std::string>(key) : std::holds_alternative<std::int64_t>(key);
    });
    const bool counted = !by_name && keys.empty();
    // Where none is written down they are counted.
    for (std::size_t i = 0; counted && i < list_items_; ++i) {
      keys.emplace_back(static_cast<std::int64_t>(i));
    }
    DictValue dict;
    for (const DictKey& key : keys) {
      auto item = Make(type.getValueType(), KeyPath(path, key));
      if (!item) return std::nullopt;
      dict.items.emplace_back(key, *std::move(item));
    }
    return Value{std::move(dict)};
  }

  std::vector<DictKey> keys_;
  std::size_t list_items_;
};

// Every leaf of a value with its path below `path`, in order.
void ForEachLeaf(Value& value, const std::string& path, const std::function<void(const std::string&, Value&)>& visit) {
  if (auto* tuple = std::get_if<TupleValue>(&value.content)) {
    for (std::size_t i = 0; i < tuple->items.size(); ++i) {
      ForEachLeaf(tuple->items[i], TupleItemPath(path, *tuple, i), visit);
    }
  } else if (auto* list = std::get_if<ListValue>(&value.content)) {
    for (std::size_t i = 0; i < list->items.size(); ++i) ForEachLeaf(list->items[i], ItemPath(path, i), visit);
  } else if (auto* dict = std::get_if<DictValue>(&value.content)) {
    for (auto& [key, item] : dict->items) ForEachLeaf(item, KeyPath(path, key), visit);
  } else {
    visit(path, value);
  }
}

// Those of a call.
void ForEachLeaf(CallValues& call, const std::function<void(Value&)>& visit) {
  const auto ignore_path = [&](const std::string&, Value& value) { visit(value); };
  for (Value& value : call.args) ForEachLeaf(value, "", ignore_path);
  for (auto& [name, value] : call.kwargs) ForEachLeaf(value, "", ignore_path);
}

// In the order of Form::tensors().
std::vector<TensorRef*> TensorsOf(CallValues& call) {
  std::vector<TensorRef*> tensors;
  ForEachLeaf(call, [&](Value& value) {
    if (auto* tensor = std::get_if<TensorRef>(&value.content)) tensors.push_back(tensor);
  });
  return tensors;
}

// In the order of Form::scalars().
std::vector<Value*> ScalarsOf(CallValues& call) {
  std::vector<Value*> scalars;
  ForEachLeaf(call, [&](Value& value) {
    const auto& content = value.content;
    const bool scalar = std::holds_alternative<std::int64_t>(content) || std::holds_alternative<std::string>(content);
    if (scalar) scalars.push_back(&value);
  });
  return scalars;
}

void NameTensors(Value& value, const std::string& path) {
  ForEachLeaf(value, path, [](const std::string& leaf, Value& item) {
    if (auto* tensor = std::get_if<TensorRef>(&item.content)) tensor->name = leaf;
  });
}

bool IsOrHoldsList(const Value& value) {
  if (std::holds_alternative<ListValue>(value.content)) return true;
  if (const auto* tuple = std::get_if<TupleValue>(&value.content)) {
    return std::ranges::any_of(tuple->items, IsOrHoldsList);
  }
  if (const auto* dict = std::get_if<DictValue>(&value.content)) {
    return std::ranges::any_of(dict->items, [](const auto& item) { return IsOrHoldsList(item.second); });
  }
  return false;
}

bool HasShape(const c10::TypePtr& type) {
  const auto tensor = type->cast<c10::TensorType>();
  if (tensor != nullptr) return tensor->sizes().concrete_sizes().has_value() && tensor->scalarType().has_value();
  const auto contained = type->containedTypes();
  return std::all_of(contained.begin(), contained.end(), HasShape);
}

}  // namespace

Form Form::Named(CallValues call, const c10::FunctionSchema& schema) {
  const std::vector<const c10::Argument*> unnamed = UnnamedArguments(call, schema);
  for (std::size_t i = 0; i < unnamed.size(); ++i) NameTensors(call.args[i], unnamed[i]->name());
  for (auto& [name, value] : call.kwargs) NameTensors(value, name);
  return Form(std::move(call));
}

std::vector<std::pair<std::string, const TensorRef*>> Form::tensors() const {
  std::vector<std::pair<std::string, const TensorRef*>> tensors;
  for (TensorRef* tensor : TensorsOf(const_cast<CallValues&>(call_)))
    tensors.emplace_back(tensor->name, tensor);  // NOLINT
  return tensors;
}

Form Form::With(std::size_t index, DType dtype, Shape shape) const {
  Form changed(call_);
  TensorRef* tensor = TensorsOf(changed.call_)[index];
  tensor->dtype = dtype;
  tensor->shape = std::move(shape);
  return changed;
}

Form Form::WithSize(std::size_t index, std::size_t dim, std::int64_t size) const {
  Shape shape = tensor(index).shape;
  shape[dim] = size;
  return WithShape(index, std::move(shape));
}

std::vector<const Value*> Form::scalars() const {
  const std::vector<Value*> scalars = ScalarsOf(const_cast<CallValues&>(call_));  // NOLINT
  return {scalars.begin(), scalars.end()};
}

Form Form::WithScalar(std::size_t index, Value scalar) const {
  Form changed(call_);
  *ScalarsOf(changed.call_)[index] = std::move(scalar);
  return changed;
}

std::string Form::Key() const {
  std::string key;
  for (const auto& [path, tensor] : tensors()) key += DescribeTensor(tensor->dtype, tensor->shape) + " ";
  for (const Value* scalar : scalars()) key += DescribeValue(*scalar) + "; ";
  return key;
}

bool HoldsList(const Form& form) {
  return std::any_of(form.call().args.begin(), form.call().args.end(), IsOrHoldsList);
}

std::vector<std::string> KeysAt(const Form& form, std::size_t index) {
  std::vector<std::string> keys;
  if (index >= form.call().args.size()) return keys;
  const auto* dict = std::get_if<DictValue>(&form.call().args[index].content);
  if (dict == nullptr) return keys;
  for (const auto& [key, item] : dict->items) {
    if (const auto* name = std::get_if<std::string>(&key)) keys.push_back(*name);
  }
  return keys;
}

Form WithoutKey(const Form& form, std::size_t index, const std::string& key) {
  CallValues call = form.call();
  auto& dict = std::get<DictValue>(call.args.at(index).content);
  std::erase_if(dict.items, [&](const auto& item) { return item.first == DictKey(key); });
  return Form(std::move(call));
}

FormFromSchema DeclaredForm(Model& model, std::size_t list_items) {
  const Declarer declarer(KeysAskedFor(model), list_items);
  CallValues call;
  const auto& arguments = model.schema().arguments();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].default_value()) break;
    std::optional<Value> value = declarer.Make(arguments[i].type(), arguments[i].name());
    if (!value) {
      return {std::nullopt, "input `" + arguments[i].name() + "` is a " + arguments[i].type()->annotation_str()};
    }
    call.args.push_back(*std::move(value));
  }
  return {Form(std::move(call)), ""};
}

std::optional<Form> TracedForm(Model& model) {
  const auto graph = torch::jit::toGraphFunction(model.method().function()).graph();
  const Declarer declarer(KeysAskedFor(model), 1);
  CallValues call;
  bool any = false;
  for (std::size_t i = 1; i < graph->inputs().size(); ++i) {
    const c10::TypePtr& type = graph->inputs()[i]->type();
    if (!HasShape(type)) return std::nullopt;
    std::optional<Value> value = declarer.Make(type, model.schema().arguments()[i].name());
    if (!value) return std::nullopt;
    any = true;
    call.args.push_back(*std::move(value));
  }
  if (!any) return std::nullopt;
  return Form(std::move(call));
}

}  // namespace torchassay
