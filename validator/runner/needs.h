// What an operator needs of its input, in words, for the operators that people meet most.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_NEEDS_H_
#define VALIDATOR_RUNNER_NEEDS_H_

#include <torch/script.h>

#include <string>
#include <vector>

namespace torchassay {

// "needs a 1-D vector of 20 elements"; "" where there are no words of ours.
std::string NeedText(const std::string& op, const std::vector<c10::IValue>& inputs);

// "torch.mv" for aten::mv; the qualified name for operators of others.
std::string OperatorText(const std::string& qualified_name);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_NEEDS_H_
