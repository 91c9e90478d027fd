// ListeningRun: runs a model node by node on real tensors, and tells of every submodule that finishes.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_LISTENING_H_
#define VALIDATOR_RUNNER_LISTENING_H_

#include <torch/script.h>

#include "validator/runner/interpreter.h"
#include "validator/runner/model.h"

namespace torchassay {

// Every operator as LibTorch does it, on the model's own tensors.
class RealEvaluator final : public Evaluator {
 public:
  std::vector<c10::IValue> Evaluate(const torch::jit::Node* node, std::vector<c10::IValue> inputs) override;
  at::Tensor Attribute(const at::Tensor& tensor) override { return tensor; }
};

// Calls share what the model keeps between them, as they do on the model itself. REQUIRES: `model` outlives it.
class ListeningRun final {
 public:
  explicit ListeningRun(Model& model) : model_(model), interpreter_(evaluator_, kNoBudget) {}

  // `listener` may throw, to end the run early. Throws what the model throws.
  void Call(Arguments arguments, SubmoduleListener listener);

 private:
  static constexpr std::int64_t kNoBudget = std::int64_t{1} << 60;

  Model& model_;
  RealEvaluator evaluator_;
  Interpreter interpreter_;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_LISTENING_H_
