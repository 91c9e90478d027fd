// Value: the nested structure of a model's inputs or outputs; tensors are named, not held.
//
// It mirrors the manifest's VALUE: a tensor leaf says the name under which a case file, or a
// TensorSet, holds the data.

#ifndef VALIDATOR_TENSOR_VALUE_H_
#define VALIDATOR_TENSOR_VALUE_H_

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "validator/tensor/tensor.h"

namespace torchassay {

struct Value;

struct TensorRef {
  std::string name;  // in the case file: "input.x", "output[0]"
  DType dtype = DType::kF32;
  Shape shape;
  std::string layout;  // "" or "channels_last"
  bool requires_grad = false;
  std::string alias;  // name of an earlier tensor whose storage it shares, or ""
};

struct TupleValue {
  std::vector<Value> items;
  std::vector<std::string> names;  // of a named tuple, else empty
  std::string class_name;          // of a named tuple where it is known, else ""
};
struct ListValue {
  std::vector<Value> items;
};
using DictKey = std::variant<std::string, std::int64_t, bool, double>;
// Its members that copy and destroy are defined in value.cc, where Value is complete: clang 14 cannot make them here.
struct DictValue {
  DictValue();
  DictValue(const DictValue& other);
  DictValue(DictValue&& other) noexcept;
  DictValue& operator=(const DictValue& other);
  DictValue& operator=(DictValue&& other) noexcept;
  ~DictValue();

  std::vector<std::pair<DictKey, Value>> items;  // in order
  std::string class_name;                        // of a mapping that is no plain dict where it is known, else ""
};
struct NoneValue {};

struct Value {
  std::variant<NoneValue, TensorRef, TupleValue, ListValue, DictValue, bool, std::int64_t, double, std::complex<double>,
               std::string>
      content;
};

// "tensor", "tuple", "list", "dict", "None", "bool", "int", "float", "complex", "str".
std::string KindName(const Value& value);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_VALUE_H_
