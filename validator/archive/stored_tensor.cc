#include "validator/archive/stored_tensor.h"

#include <algorithm>
#include <string_view>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::size_t kMostDimensions = 64;  // that LibTorch's operators take
constexpr std::size_t kMostName = 256;       // bytes of a storage's key, type or device

constexpr std::string_view kDense = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kQuantised = "torch._utils._rebuild_qtensor";
constexpr std::string_view kSparse = "torch._utils._rebuild_sparse_tensor";
constexpr std::string_view kCompressed = "torch._utils._rebuild_sparse_csr_tensor";

struct StorageType {
  std::string_view name;  // without "torch." and "Storage"
  std::string_view dtype;
  std::int64_t bytes;
};

constexpr StorageType kStorageTypes[] = {
    {"Half", "f16", 2},
    {"BFloat16", "bf16", 2},
    {"Float", "f32", 4},
    {"Double", "f64", 8},
    {"Char", "i8", 1},
    {"Short", "i16", 2},
    {"Int", "i32", 4},
    {"Long", "i64", 8},
    {"Byte", "u8", 1},
    {"Bool", "bool", 1},
    {"ComplexFloat", "c64", 8},
    {"ComplexDouble", "c128", 16},
    {"ComplexHalf", "complex32", 4},
    {"QInt8", "qint8", 1},
    {"QUInt8", "quint8", 1},
    {"QInt32", "qint32", 4},
    {"UInt16", "uint16", 2},
    {"UInt32", "uint32", 4},
    {"UInt64", "uint64", 8},
    {"Float8_e5m2", "float8_e5m2", 1},
    {"Float8_e4m3fn", "float8_e4m3fn", 1},
    {"Float8_e5m2fnuz", "float8_e5m2fnuz", 1},
    {"Float8_e4m3fnuz", "float8_e4m3fnuz", 1},
};

Status Malformed(const std::string& what) {
  return Status(StatusCode::kUnreadable, "TA204", what, "the file is damaged, or was not written by PyTorch");
}

// Elements of `shape`; absent where a size is negative or the product passes 2^62.
std::optional<std::int64_t> CheckedCount(const Shape& shape) {
  if (shape.size() > kMostDimensions) return std::nullopt;
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    if (__builtin_mul_overflow(count, size, &count) || count > (std::int64_t{1} << 62)) return std::nullopt;
  }
  return count;
}

// The position behind the last element, relative to the storage; absent where it cannot be computed.
std::optional<std::int64_t> Reach(const StoredTensor& tensor) {
  std::int64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    std::int64_t step = 0;
    if (tensor.stride[i] < 0 || __builtin_mul_overflow(tensor.shape[i] - 1, tensor.stride[i], &step) ||
        __builtin_add_overflow(last, step, &last)) {
      return std::nullopt;
    }
  }
  return last == INT64_MAX ? std::nullopt : std::optional(last + 1);
}

// One number beyond the limit is kept, so that the reader sees that there are too many.
std::vector<std::int64_t> Integers(const PickleTree& pickle, const PickleValue& tuple) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < std::min(tuple.items.size(), kMostDimensions + 1); ++i)
    numbers.push_back(pickle.Item(tuple, i).integer);
  return numbers;
}

// A persistent id is ("storage", torch.FloatStorage, "3", "cpu", elements).
Status ReadStorage(const PickleTree& pickle, const PickleValue& value, const std::string& folder,
                   StoredTensor& tensor) {
  const PickleValue& id = pickle.Item(value, 0);
  const PickleValue& type = pickle.Item(id, 1);
  const PickleValue& key = pickle.Item(id, 2);
  if (value.kind != PickleKind::kPersistent || type.kind != PickleKind::kGlobal || key.kind != PickleKind::kText) {
    return Malformed("a tensor has no storage");
  }
  if (std::max({type.text.size(), key.text.size(), pickle.Item(id, 3).text.size()}) > kMostName) {
    return Malformed("a tensor's storage has a name that no storage has");
  }
  std::string_view name = type.text;
  if (name.starts_with("torch.")) name.remove_prefix(6);
  if (name.ends_with("Storage")) name.remove_suffix(7);
  tensor.dtype = name;
  for (const StorageType& known : kStorageTypes) {
    if (known.name != name) continue;
    tensor.dtype = known.dtype;
    tensor.element = ParseDType(known.dtype);
    tensor.element_bytes = known.bytes;
  }
  tensor.record = folder + "/" + std::string(key.text);
  tensor.device = pickle.Item(id, 3).text;
  tensor.storage_elements = pickle.Item(id, 4).integer;
  return Status();
}

std::string Quantisation(const PickleTree& pickle, const PickleValue& scheme) {
  const PickleValue& name = pickle.Item(scheme, 0);
  std::string_view text = name.text;
  if (text.starts_with("torch.")) text.remove_prefix(6);
  const PickleValue& scale = pickle.Item(scheme, 1);
  if (scale.kind == PickleKind::kFloat) {
    return std::string(text) + "(scale=" + NumberText(scale.number) +
           ", zero_point=" + std::to_string(pickle.Item(scheme, 2).integer) + ")";
  }
  const PickleValue& axis = pickle.Item(scheme, 3);
  return std::string(text) + (axis.kind == PickleKind::kInt ? "(axis=" + std::to_string(axis.integer) + ")" : "");
}

// Arguments: storage, offset, size, stride, then (of a quantised one) its scheme, and requires_grad.
Result<StoredTensor> ReadStrided(const PickleTree& pickle, const PickleValue& arguments, bool quantised,
                                 const std::string& folder) {
  StoredTensor tensor;
  if (Status status = ReadStorage(pickle, pickle.Item(arguments, 0), folder, tensor); !status.ok()) {
    return status;
  }
  tensor.offset = pickle.Item(arguments, 1).integer;
  tensor.shape = Integers(pickle, pickle.Item(arguments, 2));
  tensor.stride = Integers(pickle, pickle.Item(arguments, 3));
  if (quantised) tensor.quantisation = Quantisation(pickle, pickle.Item(arguments, 4));
  tensor.requires_grad = pickle.Item(arguments, quantised ? 5 : 4).boolean;

  const std::optional<std::int64_t> count = CheckedCount(tensor.shape);
  std::int64_t bytes = 0;
  if (!count || tensor.offset < 0 || tensor.shape.size() != tensor.stride.size() ||
      __builtin_mul_overflow(*count, std::max<std::int64_t>(tensor.element_bytes, 1), &bytes) ||
      tensor.storage_elements < 0) {
    return Malformed("a tensor in " + Quote(tensor.record) + " has a shape that no tensor can have");
  }
  tensor.stored_elements = *count;
  if (*count > 0) {
    const std::optional<std::int64_t> reach = Reach(tensor);
    if (!reach || *reach > tensor.storage_elements) {
      return Malformed("a tensor in " + Quote(tensor.record) + " reaches beyond its storage of " +
                       CountText(tensor.storage_elements, "element"));
    }
  }
  return tensor;
}

// Arguments: layout, (indices, values, size) or (pointers, indices, values, size): the values stand for all.
Result<StoredTensor> ReadSparse(const PickleTree& pickle, const PickleValue& arguments, const std::string& folder) {
  const PickleValue& parts = pickle.Item(arguments, 1);
  const std::size_t values_at = parts.items.size() >= 4 ? 2 : 1;
  const PickleValue& values = pickle.Item(parts, values_at);
  if (!pickle.IsCall(values, kDense)) return Malformed("a sparse tensor has no values");
  Result<StoredTensor> tensor = ReadStrided(pickle, pickle.Item(values, 1), false, folder);
  if (!tensor.ok()) return tensor.status();
  tensor->shape = Integers(pickle, pickle.Item(parts, values_at + 1));
  if (!CheckedCount(tensor->shape)) return Malformed("a sparse tensor has a shape that no tensor can have");
  tensor->stride.clear();
  const PickleValue& layout = pickle.Item(arguments, 0);
  tensor->layout = layout.kind == PickleKind::kText ? std::string(layout.text) : "sparse";
  return tensor;
}

}  // namespace

bool StoredTensor::contiguous() const {
  if (!layout.empty()) return false;
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] == 0) return true;
    if (shape[i] != 1 && stride[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

std::string StoredTensor::Describe() const {
  std::string text = dtype + "[";
  for (const std::int64_t size : shape) {
    if (text.back() != '[') text += ",";
    text += std::to_string(size);
  }
  return text + "]";
}

bool IsStoredTensor(const PickleTree& pickle, const PickleValue& value) {
  for (const std::string_view name : {kDense, kQuantised, kSparse, kCompressed}) {
    if (pickle.IsCall(value, name)) return true;
  }
  return false;
}

Result<StoredTensor> ReadStoredTensor(const PickleTree& pickle, const PickleValue& value, const std::string& folder) {
  const PickleValue& arguments = pickle.Item(value, 1);
  if (pickle.IsCall(value, kDense)) return ReadStrided(pickle, arguments, false, folder);
  if (pickle.IsCall(value, kQuantised)) return ReadStrided(pickle, arguments, true, folder);
  return ReadSparse(pickle, arguments, folder);
}

}  // namespace torchassay
