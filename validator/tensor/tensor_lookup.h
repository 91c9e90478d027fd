// Finds the data of a value's tensor in a case file.

#ifndef VALIDATOR_TENSOR_TENSOR_LOOKUP_H_
#define VALIDATOR_TENSOR_TENSOR_LOOKUP_H_

#include <optional>

#include "validator/tensor/tensor_source.h"
#include "validator/tensor/value.h"

namespace torchassay {

// The tensor that `ref` names. Case files hold a c128 as f64 with one more dimension of 2: such data is
// returned as the c128 that it stands for. Absent where the source has none of that name.
std::optional<TensorView> FindTensor(const TensorSource& source, const TensorRef& ref);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_TENSOR_LOOKUP_H_
