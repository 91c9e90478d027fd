#include "validator/runner/values.h"

#include <algorithm>
#include <utility>

#include "validator/base/strings.h"
#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

constexpr std::pair<DType, at::ScalarType> kTypes[] = {
    {DType::kF16, at::kHalf},   {DType::kBF16, at::kBFloat16},    {DType::kF32, at::kFloat},
    {DType::kF64, at::kDouble}, {DType::kI8, at::kChar},          {DType::kI16, at::kShort},
    {DType::kI32, at::kInt},    {DType::kI64, at::kLong},         {DType::kU8, at::kByte},
    {DType::kBool, at::kBool},  {DType::kC64, at::kComplexFloat}, {DType::kC128, at::kComplexDouble}};

[[noreturn]] void RefuseKind(const Value& value, const c10::TypePtr& type, const std::string& path) {
  throw UnusableInput(
      "TA305", "input " + Quote(path) + ": expected " + type->annotation_str() + ", got " + DescribeValue(value));
}

// The items of a tuple or list; null for anything else.
const std::vector<Value>* ItemsOf(const Value& value) {
  if (const auto* tuple = std::get_if<TupleValue>(&value.content)) return &tuple->items;
  if (const auto* list = std::get_if<ListValue>(&value.content)) return &list->items;
  return nullptr;
}

std::string KeyText(const DictKey& key) {
  const std::string* text = std::get_if<std::string>(&key);
  return text != nullptr ? *text : KeyPath("", key);
}

class Converter {
 public:
  explicit Converter(const TensorMaker& make) : make_(make) {}

  c10::IValue Convert(const Value& value, const c10::TypePtr& type, const std::string& path) const {
    if (const auto optional = type->cast<c10::OptionalType>()) {
      if (std::holds_alternative<NoneValue>(value.content)) return {};
      return Convert(value, optional->getElementType(), path);
    }
    if (const auto list = type->cast<c10::ListType>()) return List(value, list, path);
    if (const auto tuple = type->cast<c10::TupleType>()) return Tuple(value, tuple, path);
    if (const auto dict = type->cast<c10::DictType>()) return Dict(value, dict, path);
    if (const auto either = type->cast<c10::UnionType>()) return OneOf(value, either, path);
    if (type->kind() == c10::TypeKind::AnyType) return Guess(value, path);
    return Leaf(value, type, path);
  }

 private:
  // By the first of the types that takes it: a list has the type of its items, and only that one is accepted.
  c10::IValue OneOf(const Value& value, const c10::UnionTypePtr& type, const std::string& path) const {
    for (const c10::TypePtr& one : type->containedTypes()) {
      try {
        return Convert(value, one, path);
      } catch (const UnusableInput&) {
      }
    }
    RefuseKind(value, type, path);
  }

  c10::IValue List(const Value& value, const c10::ListTypePtr& type, const std::string& path) const {
    const std::vector<Value>* items = ItemsOf(value);
    if (items == nullptr) RefuseKind(value, type, path);
    c10::impl::GenericList list(type->getElementType());
    for (std::size_t i = 0; i < items->size(); ++i) {
      list.push_back(Convert((*items)[i], type->getElementType(), ItemPath(path, i)));
    }
    return list;
  }

  c10::IValue Tuple(const Value& value, const c10::TupleTypePtr& type, const std::string& path) const {
    std::vector<c10::IValue> elements;
    const auto types = type->elements();
    if (const auto* dict = std::get_if<DictValue>(&value.content); dict != nullptr && type->schema() != nullptr) {
      elements = Fields(*dict, type, path);
    } else {
      const std::vector<Value>* items = ItemsOf(value);
      if (items == nullptr || items->size() != types.size()) RefuseKind(value, type, path);
      for (std::size_t i = 0; i < types.size(); ++i) {
        elements.push_back(Convert((*items)[i], types[i], ItemPath(path, i)));
      }
    }
    if (type->schema() != nullptr) return c10::ivalue::Tuple::createNamed(std::move(elements), type);
    return c10::ivalue::Tuple::create(std::move(elements));
  }

  // The elements of a named tuple that is given by names.
  std::vector<c10::IValue> Fields(const DictValue& dict, const c10::TupleTypePtr& type, const std::string& path) const {
    std::vector<c10::IValue> elements;
    for (const c10::Argument& field : type->schema()->arguments()) {
      const auto found = std::find_if(dict.items.begin(), dict.items.end(),
                                      [&](const auto& item) { return KeyText(item.first) == field.name(); });
      if (found == dict.items.end()) {
        throw UnusableInput("TA304", "input " + Quote(KeyPath(path, field.name())) + " is missing");
      }
      elements.push_back(Convert(found->second, field.type(), KeyPath(path, field.name())));
    }
    return elements;
  }

  c10::IValue Dict(const Value& value, const c10::DictTypePtr& type, const std::string& path) const {
    c10::impl::GenericDict dict(type->getKeyType(), type->getValueType());
    // `levels[0]` may be an item of a list or of a dict with ints as keys: only the type tells.
    const std::vector<Value>* items = type->getKeyType()->kind() == c10::TypeKind::IntType ? ItemsOf(value) : nullptr;
    for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
      dict.insert(static_cast<std::int64_t>(i), Convert((*items)[i], type->getValueType(), ItemPath(path, i)));
    }
    if (items != nullptr) return dict;
    const auto* given = std::get_if<DictValue>(&value.content);
    if (given == nullptr) RefuseKind(value, type, path);
    for (const auto& [key, item] : given->items) {
      dict.insert(Key(key, type->getKeyType()), Convert(item, type->getValueType(), KeyPath(path, key)));
    }
    return dict;
  }

  static c10::IValue Key(const DictKey& key, const c10::TypePtr& type) {
    if (type->kind() == c10::TypeKind::FloatType && std::holds_alternative<std::int64_t>(key)) {
      return static_cast<double>(std::get<std::int64_t>(key));
    }
    return std::visit([](const auto& k) { return c10::IValue(k); }, key);
  }

  c10::IValue Leaf(const Value& value, const c10::TypePtr& type, const std::string& path) const {
    const auto& content = value.content;
    switch (type->kind()) {
      case c10::TypeKind::TensorType:
        if (const auto* v = std::get_if<TensorRef>(&content)) return make_(*v);
        break;
      case c10::TypeKind::IntType:
        if (const auto* v = std::get_if<std::int64_t>(&content)) return *v;
        break;
      case c10::TypeKind::FloatType:
        if (const auto* v = std::get_if<double>(&content)) return *v;
        if (const auto* v = std::get_if<std::int64_t>(&content)) return static_cast<double>(*v);
        break;
      case c10::TypeKind::BoolType:
        if (const auto* v = std::get_if<bool>(&content)) return *v;
        break;
      case c10::TypeKind::StringType:
        if (const auto* v = std::get_if<std::string>(&content)) return *v;
        break;
      case c10::TypeKind::ComplexType:
        if (const auto* v = std::get_if<std::complex<double>>(&content)) return c10::complex<double>(*v);
        if (const auto* v = std::get_if<double>(&content)) return c10::complex<double>(*v, 0);
        if (const auto* v = std::get_if<std::int64_t>(&content))
          return c10::complex<double>(static_cast<double>(*v), 0);
        if (const auto* v = std::get_if<TensorRef>(&content); v != nullptr && v->shape.empty())
          return Number(make_(*v));
        break;
      case c10::TypeKind::DeviceObjType:
        if (const auto* v = std::get_if<std::string>(&content)) return at::Device(*v);
        break;
      case c10::TypeKind::NumberType: return Guess(value, path);
      case c10::TypeKind::NoneType:
        if (std::holds_alternative<NoneValue>(content)) return {};
        break;
      default: break;
    }
    RefuseKind(value, type, path);
  }

  // The grammar has no complex numbers: a tensor of one stands for it. Without data any number does.
  static c10::IValue Number(const at::Tensor& tensor) {
    return tensor.is_meta() ? c10::complex<double>(1, 0) : tensor.item().toComplexDouble();
  }

  // Where the type says nothing: what a plain Python value would become.
  c10::IValue Guess(const Value& value, const std::string& path) const {
    if (const std::vector<Value>* items = ItemsOf(value)) {
      std::vector<c10::IValue> elements;
      for (std::size_t i = 0; i < items->size(); ++i) elements.push_back(Guess((*items)[i], ItemPath(path, i)));
      if (std::holds_alternative<TupleValue>(value.content)) {
        return c10::ivalue::Tuple::create(std::move(elements));
      }
      c10::impl::GenericList list(elements.empty() ? c10::AnyType::get() : elements[0].type());
      for (c10::IValue& element : elements) list.push_back(std::move(element));
      return list;
    }
    if (const auto* v = std::get_if<TensorRef>(&value.content)) return make_(*v);
    if (const auto* v = std::get_if<bool>(&value.content)) return *v;
    if (const auto* v = std::get_if<std::int64_t>(&value.content)) return *v;
    if (const auto* v = std::get_if<double>(&value.content)) return *v;
    if (const auto* v = std::get_if<std::complex<double>>(&value.content)) return c10::complex<double>(*v);
    if (const auto* v = std::get_if<std::string>(&value.content)) return *v;
    if (std::holds_alternative<NoneValue>(value.content)) return {};
    RefuseKind(value, c10::AnyType::get(), path);
  }

  const TensorMaker& make_;
};

at::Tensor Plain(const at::Tensor& tensor) {
  at::Tensor plain = tensor.detach();
  if (plain.is_quantized()) plain = plain.dequantize();
  if (plain.layout() != at::kStrided) plain = plain.to_dense();
  return plain.to(at::kCPU).resolve_conj().resolve_neg().contiguous();
}

// As torch calls it; "" for memory that is not sparse.
std::string SparseLayout(const at::Tensor& tensor) {
  switch (tensor.layout()) {
    case at::kSparse: return "sparse_coo";
    case at::kSparseCsr: return "sparse_csr";
    case at::kSparseCsc: return "sparse_csc";
    case at::kSparseBsr: return "sparse_bsr";
    case at::kSparseBsc: return "sparse_bsc";
    default: return "";
  }
}

class Capturer {
 public:
  explicit Capturer(CapturedValue& captured) : captured_(captured) {}

  Value Take(const c10::IValue& value, const std::string& path) {
    if (value.isNone()) return {NoneValue{}};
    if (value.isTensor()) return TakeTensor(value.toTensor(), path);
    if (value.isBool()) return {value.toBool()};
    if (value.isInt()) return {value.toInt()};
    if (value.isDouble()) return {value.toDouble()};
    if (value.isString()) return {value.toStringRef()};
    if (value.isComplexDouble()) return {std::complex<double>(value.toComplexDouble())};
    if (value.isTuple()) return TakeTuple(value.toTupleRef(), path);
    if (value.isList()) return TakeList(value.toListRef(), path);
    if (value.isGenericDict()) return TakeDict(value.toGenericDict(), path);
    if (value.isObject()) return TakeObject(value.toObjectRef(), path);
    if (value.isDevice()) return {value.toDevice().str()};
    throw UnusableInput("TA406", "output " + Quote(path) + " is a " + value.tagKind() + ", which cannot be compared");
  }

 private:
  Value TakeTensor(const at::Tensor& tensor, const std::string& path) {
    if (!tensor.defined()) return {NoneValue{}};
    at::Tensor plain = Plain(tensor);
    TensorView view;
    view.dtype = FromScalarType(plain.scalar_type());
    view.shape = plain.sizes().vec();
    view.bytes = {static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes()};
    captured_.tensors.Add(path, view);
    captured_.named.emplace_back(path, view);
    captured_.kept.push_back(std::move(plain));
    if (tensor.is_quantized()) captured_.quantised.push_back(Quote(path) + " is " + at::toString(tensor.scalar_type()));
    return {TensorRef{.name = path, .dtype = view.dtype, .shape = view.shape, .layout = SparseLayout(tensor)}};
  }

  Value TakeTuple(const c10::ivalue::Tuple& tuple, const std::string& path) {
    TupleValue result;
    const auto type = tuple.type<c10::TupleType>();
    if (type->schema() != nullptr) {
      for (const c10::Argument& field : type->schema()->arguments()) result.names.push_back(field.name());
    }
    for (std::size_t i = 0; i < tuple.elements().size(); ++i) {
      const std::string item = result.names.empty() ? ItemPath(path, i) : KeyPath(path, result.names[i]);
      result.items.push_back(Take(tuple.elements()[i], item));
    }
    return {std::move(result)};
  }

  Value TakeList(c10::ArrayRef<c10::IValue> list, const std::string& path) {
    ListValue result;
    for (std::size_t i = 0; i < list.size(); ++i) result.items.push_back(Take(list[i], ItemPath(path, i)));
    return {std::move(result)};
  }

  Value TakeDict(const c10::impl::GenericDict& dict, const std::string& path) {
    DictValue result;
    for (const auto& entry : dict) {
      const DictKey key = Key(entry.key(), path);
      result.items.emplace_back(key, Take(entry.value(), KeyPath(path, key)));
    }
    return {std::move(result)};
  }

  Value TakeObject(const c10::ivalue::Object& object, const std::string& path) {
    DictValue result;
    const auto type = object.type();
    for (std::size_t i = 0; i < type->numAttributes(); ++i) {
      const std::string& name = type->getAttributeName(i);
      result.items.emplace_back(name, Take(object.getSlot(i), KeyPath(path, name)));
    }
    return {std::move(result)};
  }

  static DictKey Key(const c10::IValue& key, const std::string& path) {
    if (key.isString()) return key.toStringRef();
    if (key.isInt()) return key.toInt();
    if (key.isBool()) return key.toBool();
    if (key.isDouble()) return key.toDouble();
    throw UnusableInput("TA406", "output " + Quote(path) + " is a dict whose keys cannot be compared");
  }

  CapturedValue& captured_;
};

at::Tensor FromView(const TensorView& view, bool pairs) {
  std::vector<std::int64_t> sizes = view.shape;
  auto* data = const_cast<std::byte*>(view.bytes.data());  // NOLINT: copied at once, never written
  const at::Tensor borrowed = at::from_blob(data, sizes, at::TensorOptions(ToScalarType(view.dtype)));
  at::Tensor tensor = borrowed.clone();
  return pairs ? at::view_as_complex(tensor) : tensor;
}

}  // namespace

c10::IValue ToIValue(const Value& value, const c10::TypePtr& type, const TensorMaker& make, const std::string& path) {
  return Converter(make).Convert(value, type, path);
}

namespace {

const c10::Argument* FindArgument(const c10::FunctionSchema& schema, const std::string& name) {
  const auto& arguments = schema.arguments();
  const auto found = std::find_if(arguments.begin() + 1, arguments.end(),
                                  [&](const c10::Argument& argument) { return argument.name() == name; });
  return found == arguments.end() ? nullptr : &*found;
}

}  // namespace

std::vector<const c10::Argument*> UnnamedArguments(const CallValues& call, const c10::FunctionSchema& schema) {
  std::vector<const c10::Argument*> unnamed;
  for (std::size_t i = 1; i < schema.arguments().size() && unnamed.size() < call.args.size(); ++i) {
    const c10::Argument& argument = schema.arguments()[i];
    const bool named = std::any_of(call.kwargs.begin(), call.kwargs.end(),
                                   [&](const auto& keyword) { return keyword.first == argument.name(); });
    if (!named) unnamed.push_back(&argument);
  }
  return unnamed;
}

Arguments ToArguments(const CallValues& call, const c10::FunctionSchema& schema, const TensorMaker& make) {
  Arguments arguments;
  const std::vector<const c10::Argument*> unnamed = UnnamedArguments(call, schema);
  if (call.args.size() > unnamed.size()) {
    const auto takes = static_cast<std::int64_t>(schema.arguments().size()) - 1;  // without self
    throw UnusableInput("TA304", "`" + schema.name() + "` takes " + CountText(takes, "input") + ", got " +
                                     std::to_string(call.args.size() + call.kwargs.size()));
  }
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const c10::Argument& argument = *unnamed[i];
    c10::IValue value = ToIValue(call.args[i], argument.type(), make, argument.name());
    const bool in_place = &argument == &schema.arguments()[i + 1];
    if (in_place)
      arguments.positional.push_back(std::move(value));
    else
      arguments.keywords.emplace(argument.name(), std::move(value));
  }
  for (const auto& [name, value] : call.kwargs) {
    const c10::Argument* argument = FindArgument(schema, name);
    if (argument == nullptr) throw UnusableInput("TA306", "`" + schema.name() + "` has no input " + Quote(name));
    arguments.keywords.emplace(name, ToIValue(value, argument->type(), make, name));
  }
  return arguments;
}

namespace {

// What a case file keeps densely. The sizes of blocks are not recorded.
at::Tensor Sparse(const at::Tensor& dense, const std::string& layout) {
  if (layout == "sparse_coo") return dense.to_sparse();
  if (layout == "sparse_csr") return dense.to_sparse_csr();
  if (layout == "sparse_csc") return dense.to_sparse_csc();
  throw UnusableInput("TA211", "an input of the layout " + Quote(layout) + " cannot be made from a case file");
}

}  // namespace

at::Tensor CaseTensors::operator()(const TensorRef& tensor) {
  if (const auto known = made_.find(tensor.alias); known != made_.end()) return known->second;
  const std::optional<TensorView> view = source_.Find(tensor.name);
  if (!view) throw UnusableInput("TA211", "the case file has no tensor " + Quote(tensor.name));
  const bool pairs = tensor.dtype == DType::kC128 && view->dtype == DType::kF64;
  at::Tensor made = FromView(*view, pairs).to(device_);
  if (tensor.layout == "channels_last") {
    made = made.contiguous(made.dim() == 5 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast);
  } else if (!tensor.layout.empty()) {
    made = Sparse(made, tensor.layout);
  }
  if (tensor.requires_grad) made.requires_grad_();
  made_.emplace(tensor.name, made);
  return made;
}

CapturedValue Capture(const c10::IValue& value, const std::string& root) {
  CapturedValue captured;
  captured.value = Capturer(captured).Take(value, root);
  return captured;
}

DType FromScalarType(at::ScalarType type) {
  for (const auto& [dtype, scalar] : kTypes) {
    if (scalar == type) return dtype;
  }
  throw UnusableInput("TA404", std::string("a tensor of ") + at::toString(type) + " cannot be compared");
}

at::ScalarType ToScalarType(DType dtype) {
  for (const auto& [known, scalar] : kTypes) {
    if (known == dtype) return scalar;
  }
  return at::kFloat;
}

std::string DescribeTensor(const at::Tensor& tensor) {
  for (const auto& [dtype, scalar] : kTypes) {
    if (scalar == tensor.scalar_type()) return DescribeTensor(dtype, tensor.sizes().vec());
  }
  std::string text = at::toString(tensor.scalar_type());
  return text + c10::str(tensor.sizes());
}

}  // namespace torchassay
