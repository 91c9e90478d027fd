// The tensors inside IValues: visited, replaced, counted, given stand-ins.
//
// A stand-in has shape and type but no data: a tensor on the meta device. A quantised tensor's stand-in has its
// element type there, which no operator of that device minds.
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_VALUE_TENSORS_H_
#define VALIDATOR_RUNNER_VALUE_TENSORS_H_

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace torchassay {

void ForEachTensor(const c10::IValue& value, const std::function<void(const at::Tensor&)>& visit);
c10::IValue MapTensors(const c10::IValue& value, const std::function<at::Tensor(const at::Tensor&)>& change);
std::vector<c10::IValue> MapAll(const std::vector<c10::IValue>& values,
                                const std::function<at::Tensor(const at::Tensor&)>& change);

at::Tensor ToMeta(const at::Tensor& tensor);
// A real tensor in place of a stand-in, on the CPU. Small ones and integers are zeros.
at::Tensor ToReal(const at::Tensor& tensor);
// Likewise, all ones.
at::Tensor ToOnes(const at::Tensor& tensor);

// What the inputs of an operator are.
struct TensorSurvey {
  bool meta = false;       // a stand-in among them
  bool real = false;       // a real one of more than one element
  bool bool_mask = false;  // a mask without data
  std::int64_t elements = 0;
  std::vector<at::ScalarType> types;

  bool MixesTypes() const;
};
TensorSurvey Survey(const std::vector<c10::IValue>& values);

// The same text for the same shapes, types and plain numbers; absent where a tensor is real, since its data may matter.
std::optional<std::string> KeyOf(const std::vector<c10::IValue>& values);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_VALUE_TENSORS_H_
