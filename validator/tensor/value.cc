#include "validator/tensor/value.h"

namespace torchassay {

std::string KindName(const Value& value) {
  // In the order of the variant.
  static const char* const kNames[] = {"None", "tensor", "tuple", "list",    "dict",
                                       "bool", "int",    "float", "complex", "str"};
  return kNames[value.content.index()];
}

}  // namespace torchassay
