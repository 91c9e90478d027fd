// Origins: of which of a call's tensors each tensor was computed.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_ORIGINS_H_
#define VALIDATOR_RUNNER_ORIGINS_H_

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace torchassay {

// Follows tensors, not numbers: a size that was asked for, and what is made of it, has no origin.
class Origins final {
 public:
  // The call's tensor at `index`.
  void Add(const at::Tensor& tensor, std::size_t index);
  // What an operator made of its inputs, or wrote on one of them.
  void Derive(const std::vector<c10::IValue>& inputs, const std::vector<c10::IValue>& outputs);
  // Indices of the call's tensors of which any of these was computed, ascending. Beyond the 63rd all count as one.
  std::vector<std::size_t> Of(const std::vector<c10::IValue>& values) const;

 private:
  using Mask = std::uint64_t;
  using Reference = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;
  // The reference keeps the address from being given to another tensor, and none of the data.
  struct Known {
    Reference tensor;
    Mask origins = 0;
  };

  Mask MaskOf(const std::vector<c10::IValue>& values) const;

  std::size_t count_ = 0;
  std::unordered_map<const c10::TensorImpl*, Known> known_;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_ORIGINS_H_
