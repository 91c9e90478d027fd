#include "validator/runner/listening.h"

#include <torch/csrc/jit/runtime/operator.h>

#include <utility>

namespace torchassay {

std::vector<c10::IValue> RealEvaluator::Evaluate(const torch::jit::Node* node, std::vector<c10::IValue> inputs) {
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (schema != nullptr && schema->is_vararg()) inputs.emplace_back(static_cast<std::int64_t>(node->inputs().size()));
  node->getOperation()(inputs);
  return inputs;
}

void ListeningRun::Call(Arguments arguments, SubmoduleListener listener) {
  const at::NoGradGuard no_grad;
  std::vector<c10::IValue> stack = std::move(arguments.positional);
  stack.insert(stack.begin(), model_.module()._ivalue());
  model_.schema().checkAndNormalizeInputs(stack, arguments.keywords);
  interpreter_.set_listener(std::move(listener));
  interpreter_.Run(model_.method(), std::move(stack));
}

}  // namespace torchassay
