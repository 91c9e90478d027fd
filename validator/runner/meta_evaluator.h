// MetaEvaluator: operators on tensors without data, checked on small real ones where that is not possible.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_META_EVALUATOR_H_
#define VALIDATOR_RUNNER_META_EVALUATOR_H_

#include <torch/script.h>

#include <unordered_map>
#include <vector>

#include "validator/runner/interpreter.h"

namespace torchassay {

// Small integer tensors of the model keep their data, since sizes and indices are made of them; everything
// else is shape and dtype. What cannot be computed so is Unknown(), never a guess.
class MetaEvaluator final : public Evaluator {
 public:
  std::vector<c10::IValue> Evaluate(const torch::jit::Node* node, std::vector<c10::IValue> inputs) override;
  at::Tensor Attribute(const at::Tensor& tensor) override;

 private:
  std::unordered_map<const c10::TensorImpl*, at::Tensor> stand_ins_;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_META_EVALUATOR_H_
