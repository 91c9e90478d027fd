// A call of one operator on smaller tensors, which is refused exactly where the given call is.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_SMALLER_CALL_H_
#define VALIDATOR_RUNNER_SMALLER_CALL_H_

#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace torchassay {

struct SmallerCall {
  std::vector<c10::IValue> inputs;
  // How the outputs get the given call's sizes back, by dimension: the first one, and every other one.
  std::vector<std::pair<std::int64_t, std::int64_t>> first;
  std::vector<std::pair<std::int64_t, std::int64_t>> others;
  std::int64_t hidden = 0;  // elements that the given call would make on its way
};

// The smallest such call that is known; the given one for most operators.
SmallerCall Shrink(const torch::jit::Node* node, const std::vector<c10::IValue>& inputs);

// The outputs as the given call would have made them; fresh tensors, since later nodes may write on them.
std::vector<c10::IValue> Enlarge(const std::vector<c10::IValue>& outputs, const SmallerCall& smaller);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_SMALLER_CALL_H_
