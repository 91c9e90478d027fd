// Operator checks: what operators refuse on the CPU and their shape-only forms let pass.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_OPERATOR_CHECKS_H_
#define VALIDATOR_RUNNER_OPERATOR_CHECKS_H_

#include <ATen/core/ivalue.h>

#include <string_view>
#include <vector>

namespace torchassay {

// Throws std::runtime_error where the operator `name` ("aten::index_put_") would refuse these inputs.
void CheckInputs(std::string_view name, const std::vector<c10::IValue>& inputs);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_OPERATOR_CHECKS_H_
