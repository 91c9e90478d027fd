#include "validator/archive/pickle_text.h"

#include <string_view>
#include <utility>
#include <vector>

#include "validator/archive/code.h"
#include "validator/archive/stored_tensor.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr int kMostNesting = 50;
constexpr std::size_t kMostItems = 100'000;

// As Python prints it: a float keeps its point.
std::string FloatText(double number) {
  const std::string text = ExactNumberText(number);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

// Appends to a text until it is long enough; then every further call does nothing.
class TextWriter final {
 public:
  TextWriter(const PickleTree& pickle, std::size_t most) : pickle_(pickle), most_(most) {}

  void Write(const PickleValue& wrapped, int depth) {
    const PickleValue& value = Unwrapped(pickle_, wrapped);
    if (text_.size() > most_ || depth > kMostNesting) return;
    switch (value.kind) {
      case PickleKind::kNone: text_ += "None"; return;
      case PickleKind::kBool: text_ += value.boolean ? "True" : "False"; return;
      case PickleKind::kInt: text_ += std::to_string(value.integer); return;
      case PickleKind::kFloat: text_ += FloatText(value.number); return;
      case PickleKind::kBigInt: text_ += "an integer beyond 64 bits"; return;
      case PickleKind::kText: text_ += '"' + std::string(value.text.substr(0, most_)) + '"'; return;
      case PickleKind::kTuple: return WriteItems(value, "(", ")", depth);
      case PickleKind::kList: return WriteItems(value, "[", "]", depth);
      case PickleKind::kSet: return WriteItems(value, "{", "}", depth);
      case PickleKind::kDict: return WriteDict(value, depth);
      case PickleKind::kGlobal: text_ += DemangledName(std::string(value.text)); return;
      case PickleKind::kCall:
      case PickleKind::kObject: return WriteCall(value, depth);
      case PickleKind::kPersistent: text_ += "storage"; return;
    }
  }

  std::string Take() && {
    if (text_.size() <= most_ + 1) return std::move(text_);
    std::size_t end = most_;  // between two characters: at no byte that continues one
    while (end > 0 && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) --end;
    text_.resize(end);
    return std::move(text_) + "…";
  }

 private:
  void WriteItems(const PickleValue& value, const char* open, const char* close, int depth) {
    text_ += open;
    for (std::size_t i = 0; i < value.items.size() && text_.size() <= most_; ++i) {
      if (i > 0) text_ += ", ";
      Write(pickle_.Item(value, i), depth + 1);
    }
    text_ += close;
  }

  void WriteDict(const PickleValue& value, int depth) {
    text_ += "{";
    for (std::size_t i = 0; i + 1 < value.items.size() && text_.size() <= most_; i += 2) {
      if (i > 0) text_ += ", ";
      Write(pickle_.Item(value, i), depth + 1);
      text_ += ": ";
      Write(pickle_.Item(value, i + 1), depth + 1);
    }
    text_ += "}";
  }

  void WriteCall(const PickleValue& value, int depth) {
    if (IsStoredTensor(pickle_, value)) {
      const Result<StoredTensor> tensor = ReadStoredTensor(pickle_, value, "");
      text_ += tensor.ok() ? tensor->Describe() : "tensor";
      return;
    }
    text_ += ShortClassName(std::string(pickle_.Item(value, 0).text));
    WriteItems(pickle_.Item(value, 1), "(", ")", depth);
  }

  const PickleTree& pickle_;
  std::size_t most_;
  std::string text_;
};

// Turns pickled inputs into Values; counts, so that values which are named many times cannot multiply.
class InputReader final {
 public:
  explicit InputReader(const PickleTree& pickle) : pickle_(pickle) {}

  Result<Value> Read(const PickleValue& wrapped, int depth) {
    const PickleValue& value = Unwrapped(pickle_, wrapped);
    if (depth > kMostNesting || ++count_ > kMostItems) {
      return Status(StatusCode::kUnreadable, "TA205", "the traced inputs are nested too deeply or too many");
    }
    switch (value.kind) {
      case PickleKind::kNone: return Value{NoneValue{}};
      case PickleKind::kBool: return Value{value.boolean};
      case PickleKind::kInt: return Value{value.integer};
      case PickleKind::kFloat: return Value{value.number};
      case PickleKind::kText: return Value{std::string(value.text)};
      case PickleKind::kTuple: return Items<TupleValue>(value, depth);
      case PickleKind::kList: return Items<ListValue>(value, depth);
      case PickleKind::kDict: return Dict(value, depth);
      case PickleKind::kCall: return Call(value);
      case PickleKind::kSet:
      case PickleKind::kGlobal:
      case PickleKind::kObject:
      case PickleKind::kPersistent:
      case PickleKind::kBigInt: break;
    }
    return Value{PickleText(pickle_, value)};
  }

 private:
  template <typename Container>
  Result<Value> Items(const PickleValue& value, int depth) {
    Container container;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      Result<Value> item = Read(pickle_.Item(value, i), depth + 1);
      if (!item.ok()) return item.status();
      container.items.push_back(std::move(*item));
    }
    return Value{std::move(container)};
  }

  Result<Value> Dict(const PickleValue& value, int depth) {
    DictValue dict;
    for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
      Result<Value> item = Read(pickle_.Item(value, i + 1), depth + 1);
      if (!item.ok()) return item.status();
      dict.items.emplace_back(Key(pickle_.Item(value, i)), std::move(*item));
    }
    return Value{std::move(dict)};
  }

  DictKey Key(const PickleValue& key) const {
    if (key.kind == PickleKind::kInt) return key.integer;
    if (key.kind == PickleKind::kBool) return key.boolean;
    if (key.kind == PickleKind::kFloat) return key.number;
    return std::string(key.kind == PickleKind::kText ? key.text : "");
  }

  Result<Value> Call(const PickleValue& value) const {
    if (!IsStoredTensor(pickle_, value)) return Value{PickleText(pickle_, value)};
    Result<StoredTensor> tensor = ReadStoredTensor(pickle_, value, "traced_inputs");
    if (!tensor.ok()) return tensor.status();
    if (!tensor->element) return Value{tensor->Describe()};
    TensorRef reference;
    reference.dtype = *tensor->element;
    reference.shape = tensor->shape;
    reference.requires_grad = tensor->requires_grad;
    return Value{std::move(reference)};
  }

  const PickleTree& pickle_;
  std::size_t count_ = 0;
};

}  // namespace

const PickleValue& Unwrapped(const PickleTree& pickle, const PickleValue& value) {
  const PickleValue* inner = &value;
  for (int i = 0; i < kMostNesting && inner->kind == PickleKind::kCall; ++i) {
    const std::string_view callable = pickle.Item(*inner, 0).text;
    const bool wrapper =
        callable == "torch.jit._pickle.restore_type_tag" || callable.starts_with("torch.jit._pickle.build_");
    if (!wrapper) break;
    inner = &pickle.Item(pickle.Item(*inner, 1), 0);
  }
  return *inner;
}

std::string PickleText(const PickleTree& pickle, const PickleValue& value, std::size_t most) {
  TextWriter writer(pickle, most);
  writer.Write(value, 0);
  return std::move(writer).Take();
}

Result<Value> PickledInput(const PickleTree& pickle, const PickleValue& value) {
  return InputReader(pickle).Read(value, 0);
}

}  // namespace torchassay
