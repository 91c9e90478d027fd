#include "validator/tensor/tensor_source.h"

namespace torchassay {

std::optional<TensorView> TensorTable::Find(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return std::nullopt;
  return found->second;
}

}  // namespace torchassay
