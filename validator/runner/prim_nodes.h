// Nodes that LibTorch's own interpreter does by itself: making and taking apart lists, tuples and dicts.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_PRIM_NODES_H_
#define VALIDATOR_RUNNER_PRIM_NODES_H_

#include <torch/script.h>

#include <optional>
#include <vector>

namespace torchassay {

// The outputs of such a node; absent where `node` is of another kind.
std::optional<std::vector<c10::IValue>> ComputeStructure(const torch::jit::Node* node,
                                                         const std::vector<c10::IValue>& inputs);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_PRIM_NODES_H_
