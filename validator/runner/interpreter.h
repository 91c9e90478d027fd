// Interpreter: works through a TorchScript graph node by node, on real or on shape-only tensors.
//
// Two questions need that. "Would the model take such an input?": tensors carry shape and dtype but no data (the
// meta device), what depends on data is unknown, both sides of an unknown branch are visited. "Which submodule
// differs first?": tensors are real, and a listener hears every submodule's output.
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_INTERPRETER_H_
#define VALIDATOR_RUNNER_INTERPRETER_H_

#include <torch/script.h>

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "validator/runner/containers.h"
#include "validator/runner/unknown.h"

namespace torchassay {

// How the interpreter executes the nodes that are plain operators.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  // The outputs of `node` for `inputs`; throws what the operator throws.
  virtual std::vector<c10::IValue> Evaluate(const torch::jit::Node* node, std::vector<c10::IValue> inputs) = 0;
  // What a tensor of the model is to the interpreter: itself, or a stand-in.
  virtual at::Tensor Attribute(const at::Tensor& tensor) = 0;
};

// Where the interpreter is: a node, what called it, and the submodule that holds it.
struct Position {
  std::vector<const torch::jit::Node*> nodes;  // the innermost first
  std::string module;                          // dotted path
};

// An operator refused its inputs; `inputs` are what it got.
class NodeRefused final : public std::runtime_error {
 public:
  NodeRefused(Position position, std::vector<c10::IValue> inputs, const std::string& what)
      : std::runtime_error(what), position_(std::move(position)), inputs_(std::move(inputs)) {}
  const torch::jit::Node* node() const { return position_.nodes.front(); }
  const Position& position() const { return position_; }
  const std::vector<c10::IValue>& inputs() const { return inputs_; }

 private:
  Position position_;
  std::vector<c10::IValue> inputs_;
};

// The model says `raise`.
class ModelRaised final : public std::runtime_error {
 public:
  ModelRaised(Position position, const std::string& what) : std::runtime_error(what), position_(std::move(position)) {}
  const Position& position() const { return position_; }

 private:
  Position position_;
};

// More nodes were visited than the budget allows.
class BudgetSpent final : public std::runtime_error {
 public:
  BudgetSpent() : std::runtime_error("too many steps") {}
};

// A submodule's method returned: its path, its class, its output.
using SubmoduleListener =
    std::function<void(const std::string& path, const std::string& type, const c10::IValue& output)>;

class Interpreter final {
 public:
  Interpreter(Evaluator& evaluator, std::int64_t budget) : evaluator_(evaluator), budget_(budget) {}

  // Hears of `forward` of every submodule below the one that Run() starts with, as it finishes.
  void set_listener(SubmoduleListener listener) { listener_ = std::move(listener); }

  // Runs a method; `inputs` begin with the module itself. Attributes that the model sets are kept apart, so the
  // module stays as it was. Throws NodeRefused, ModelRaised, BudgetSpent.
  c10::IValue Run(const torch::jit::Method& method, std::vector<c10::IValue> inputs);

  // Nodes visited so far: the work done.
  std::int64_t steps() const { return steps_; }
  // Different ones, those of a function once for every place that it was called from: how far a refused input came.
  std::int64_t places() const { return static_cast<std::int64_t>(places_.size()); }

 private:
  using Environment = std::unordered_map<const torch::jit::Value*, c10::IValue>;
  using Values = std::vector<c10::IValue>;
  class CallScope;

  c10::IValue Call(const c10::FunctionSchema& schema, torch::jit::Function& function, Values inputs);
  Values RunBlock(const torch::jit::Block* block, Environment& environment);
  const std::vector<const torch::jit::Value*>& LastReads(const torch::jit::Node* node);
  void RunNode(const torch::jit::Node* node, Environment& environment);
  Values Compute(const torch::jit::Node* node, Values inputs, Environment& environment);
  Values RunIf(const torch::jit::Node* node, const c10::IValue& condition, Environment& environment);
  Values RunBothSides(const torch::jit::Node* node, Environment& environment);
  Values RunLoop(const torch::jit::Node* node, Values inputs, Environment& environment);
  Values RunUnknownLoop(const torch::jit::Node* node, Values carried, Environment& environment);
  Values RunFurther(const torch::jit::Node* node, Values carried, Environment& environment);
  Values LoopBody(const torch::jit::Node* node, std::int64_t trip, const Values& carried, Environment& environment);
  c10::IValue CallMethod(const torch::jit::Node* node, Values inputs);
  c10::IValue CallFunction(const torch::jit::Node* node, Values inputs);
  c10::IValue Fork(const torch::jit::Node* node, Values inputs, Environment& environment);
  c10::IValue GetAttribute(const torch::jit::Node* node, const c10::IValue& object);
  c10::IValue ConstantOf(const torch::jit::Node* node);
  c10::IValue Adopt(const c10::IValue& value);
  Values Execute(const torch::jit::Node* node, Values inputs);
  c10::IValue Read(const torch::jit::Value* value, const Environment& environment) const;
  std::string PathOf(const c10::ivalue::Object* object) const;
  Position PositionOf(const torch::jit::Node* node) const;

  Evaluator& evaluator_;
  std::int64_t budget_;
  std::int64_t steps_ = 0;
  std::unordered_set<std::size_t> places_;
  std::size_t caller_ = 0;  // stands for the call stack in `places_`
  Containers containers_;
  SubmoduleListener listener_;
  std::map<std::pair<const c10::ivalue::Object*, std::string>, c10::IValue> overlay_;
  std::unordered_map<const c10::ivalue::Object*, std::string> paths_;  // of modules, as they are reached
  std::unordered_map<const torch::jit::Node*, std::vector<const torch::jit::Value*>> last_reads_;
  std::vector<std::string> modules_;            // the call stack's module paths
  std::vector<const torch::jit::Node*> calls_;  // and its calls, the outermost first
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_INTERPRETER_H_
