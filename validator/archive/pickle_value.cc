#include "validator/archive/pickle_value.h"

namespace torchassay {

const PickleValue& PickleTree::Item(const PickleValue& value, std::size_t index) const {
  static const PickleValue kNothing;
  return index < value.items.size() ? values_[value.items[index]] : kNothing;
}

bool PickleTree::IsGlobal(const PickleValue& value, std::string_view name) const {
  return value.kind == PickleKind::kGlobal && value.text == name;
}

bool PickleTree::IsCall(const PickleValue& value, std::string_view name) const {
  return value.kind == PickleKind::kCall && IsGlobal(Item(value, 0), name);
}

}  // namespace torchassay
