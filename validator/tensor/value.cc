#include "validator/tensor/value.h"

namespace torchassay {

DictValue::DictValue() = default;
DictValue::DictValue(const DictValue& other) = default;
DictValue::DictValue(DictValue&& other) noexcept = default;
DictValue& DictValue::operator=(const DictValue& other) = default;
DictValue& DictValue::operator=(DictValue&& other) noexcept = default;
DictValue::~DictValue() = default;

std::string KindName(const Value& value) {
  // In the order of the variant.
  static const char* const kNames[] = {"None", "tensor", "tuple", "list",    "dict",
                                       "bool", "int",    "float", "complex", "str"};
  return kNames[value.content.index()];
}

}  // namespace torchassay
