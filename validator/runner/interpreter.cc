#include "validator/runner/interpreter.h"

#include <algorithm>
#include <optional>

#include "validator/runner/prim_nodes.h"

namespace torchassay {
namespace {

// What is on a stack while the scope lasts, however it ends.
template <typename T>
class Pushed final {
 public:
  Pushed(std::vector<T>& stack, T item) : stack_(stack) { stack_.push_back(std::move(item)); }
  ~Pushed() { stack_.pop_back(); }
  Pushed(const Pushed&) = delete;
  Pushed& operator=(const Pushed&) = delete;

 private:
  std::vector<T>& stack_;
};

bool HoldsTensor(const c10::IValue& value) {
  if (value.isTuple()) {
    const auto& items = value.toTupleRef().elements();
    return std::any_of(items.begin(), items.end(), HoldsTensor);
  }
  if (value.isList()) {
    const auto items = value.toListRef();
    return std::any_of(items.begin(), items.end(), HoldsTensor);
  }
  return value.isTensor();
}

// Refused whatever the input is, since no tensor came into it: a path that was never meant to be taken.
bool IsDeadEnd(const NodeRefused& error) {
  return std::none_of(error.inputs().begin(), error.inputs().end(), HoldsTensor);
}

// The inputs of a node and of everything in its blocks.
std::vector<const torch::jit::Value*> ReadBy(const torch::jit::Node* node) {
  std::vector<const torch::jit::Value*> values(node->inputs().begin(), node->inputs().end());
  for (const torch::jit::Block* block : node->blocks()) {
    for (const torch::jit::Node* inner : block->nodes()) {
      const auto more = ReadBy(inner);
      values.insert(values.end(), more.begin(), more.end());
    }
    values.insert(values.end(), block->outputs().begin(), block->outputs().end());
  }
  return values;
}

std::string RaisedText(const std::vector<c10::IValue>& inputs) {
  if (inputs.empty() || !inputs[0].isString()) return "the model raises";
  const bool named = inputs.size() > 1 && inputs[1].isString();
  return (named ? inputs[1].toStringRef() + ": " : "") + inputs[0].toStringRef();
}

}  // namespace

// A call is the innermost while the scope lasts.
class Interpreter::CallScope final {
 public:
  CallScope(Interpreter& interpreter, const torch::jit::Node* node)
      : pushed_(interpreter.calls_, node), interpreter_(interpreter), caller_(interpreter.caller_) {
    interpreter_.caller_ = c10::hash_combine(caller_, std::hash<const void*>()(node));
  }
  ~CallScope() { interpreter_.caller_ = caller_; }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  const Pushed<const torch::jit::Node*> pushed_;
  Interpreter& interpreter_;
  const std::size_t caller_;
};

c10::IValue Interpreter::Run(const torch::jit::Method& method, std::vector<c10::IValue> inputs) {
  paths_[inputs[0].toObject().get()] = "";
  modules_ = {""};
  return Call(method.function().getSchema(), method.function(), std::move(inputs));
}

c10::IValue Interpreter::Call(const c10::FunctionSchema& schema, torch::jit::Function& function, Values inputs) {
  if (!function.isGraphFunction()) {
    schema.checkAndNormalizeInputs(inputs, {});
    function.run(inputs);
    return inputs.empty() ? c10::IValue() : inputs.back();
  }
  const auto graph = torch::jit::toGraphFunction(function).graph();
  for (std::size_t i = inputs.size(); i < graph->inputs().size(); ++i) {
    inputs.push_back(schema.arguments().at(i).default_value().value_or(c10::IValue()));
  }
  Environment environment;
  for (std::size_t i = 0; i < graph->inputs().size(); ++i) environment[graph->inputs()[i]] = inputs[i];
  Values outputs = RunBlock(graph->block(), environment);
  return outputs.size() == 1 ? outputs[0] : c10::IValue(c10::ivalue::Tuple::create(std::move(outputs)));
}

Interpreter::Values Interpreter::RunBlock(const torch::jit::Block* block, Environment& environment) {
  for (const torch::jit::Node* node : block->nodes()) {
    RunNode(node, environment);
    if (!listener_) continue;
    // Real tensors are large: none is kept beyond its last reader.
    for (const torch::jit::Value* value : LastReads(node)) environment.erase(value);
  }
  Values outputs;
  for (const torch::jit::Value* output : block->outputs()) outputs.push_back(Read(output, environment));
  return outputs;
}

// The values of this node's block that no later node of the block reads.
const std::vector<const torch::jit::Value*>& Interpreter::LastReads(const torch::jit::Node* node) {
  const auto known = last_reads_.find(node);
  if (known != last_reads_.end()) return known->second;
  const torch::jit::Block* block = node->owningBlock();
  std::unordered_set<const torch::jit::Value*> seen;
  for (const torch::jit::Value* output : block->outputs()) seen.insert(output);
  for (const torch::jit::Node* reader : block->nodes().reverse()) {
    auto& last = last_reads_[reader];
    for (const torch::jit::Value* value : ReadBy(reader)) {
      if (value->node()->owningBlock() == block && seen.insert(value).second) last.push_back(value);
    }
  }
  return last_reads_[node];
}

void Interpreter::RunNode(const torch::jit::Node* node, Environment& environment) {
  if (++steps_ > budget_) throw BudgetSpent();
  places_.insert(c10::hash_combine(caller_, std::hash<const void*>()(node)));
  Values inputs;
  for (const torch::jit::Value* input : node->inputs()) inputs.push_back(Read(input, environment));
  Values outputs = Compute(node, std::move(inputs), environment);
  for (std::size_t i = 0; i < node->outputs().size() && i < outputs.size(); ++i) {
    environment[node->outputs()[i]] = std::move(outputs[i]);
  }
}

Interpreter::Values Interpreter::Compute(const torch::jit::Node* node, Values inputs, Environment& environment) {
  switch (node->kind()) {
    case c10::prim::Constant: return {ConstantOf(node)};
    case c10::prim::If: return RunIf(node, inputs[0], environment);
    case c10::prim::Loop: return RunLoop(node, std::move(inputs), environment);
    case c10::prim::CallMethod: return {CallMethod(node, std::move(inputs))};
    case c10::prim::CallFunction: return {CallFunction(node, std::move(inputs))};
    case c10::prim::fork: return {Fork(node, std::move(inputs), environment)};
    case c10::prim::GetAttr: return {GetAttribute(node, inputs[0])};
    case c10::prim::SetAttr:
      if (inputs[0].isObject()) overlay_[{inputs[0].toObject().get(), node->s(c10::attr::name)}] = inputs[1];
      return {};
    case c10::prim::RaiseException: throw ModelRaised(PositionOf(node), RaisedText(inputs));
    default: return Execute(node, std::move(inputs));
  }
}

Interpreter::Values Interpreter::RunIf(const torch::jit::Node* node, const c10::IValue& condition,
                                       Environment& environment) {
  if (IsUnknown(condition)) return RunBothSides(node, environment);
  return RunBlock(node->blocks()[condition.toBool() ? 0 : 1], environment);
}

// Data decides: each side must work, unless it is there to raise.
Interpreter::Values Interpreter::RunBothSides(const torch::jit::Node* node, Environment& environment) {
  Values results[2];
  std::optional<ModelRaised> raised[2];
  Containers::Changes changes[2];
  for (int side = 0; side < 2; ++side) {
    Containers::Scope scope(containers_);
    try {
      results[side] = RunBlock(node->blocks()[side], environment);
    } catch (const ModelRaised& error) {
      raised[side] = error;
    } catch (const NodeRefused& error) {
      if (!IsDeadEnd(error)) throw;
      raised[side].emplace(error.position(), error.what());
    }
    changes[side] = scope.Close();
    containers_.Undo(changes[side]);
  }
  if (raised[0] && raised[1]) throw *raised[1];
  if (raised[0] || raised[1]) {
    const int taken = raised[0] ? 1 : 0;
    containers_.Redo(changes[taken]);
    return results[taken];
  }
  containers_.Either(changes[0], changes[1]);
  return Merge(results[0], results[1]);
}

Interpreter::Values Interpreter::LoopBody(const torch::jit::Node* node, std::int64_t trip, const Values& carried,
                                          Environment& environment) {
  const torch::jit::Block* body = node->blocks()[0];
  environment[body->inputs()[0]] = trip;
  for (std::size_t i = 0; i < carried.size(); ++i) environment[body->inputs()[i + 1]] = carried[i];
  return RunBlock(body, environment);
}

Interpreter::Values Interpreter::RunLoop(const torch::jit::Node* node, Values inputs, Environment& environment) {
  Values carried(inputs.begin() + 2, inputs.end());
  if (IsUnknown(inputs[0]) || IsUnknown(inputs[1])) return RunUnknownLoop(node, std::move(carried), environment);
  const std::int64_t trips = inputs[0].toInt();
  bool goes_on = inputs[1].toBool();
  for (std::int64_t trip = 0; trip < trips && goes_on; ++trip) {
    Values results = LoopBody(node, trip, carried, environment);
    const Values before = std::move(carried);
    carried.assign(results.begin() + 1, results.end());
    if (IsUnknown(results[0])) return RunFurther(node, Merge(before, carried), environment);
    goes_on = results[0].toBool();
  }
  return carried;
}

// How often it runs depends on data: once shows what it needs.
Interpreter::Values Interpreter::RunUnknownLoop(const torch::jit::Node* node, Values carried,
                                                Environment& environment) {
  Containers::Scope scope(containers_);
  Values results;
  bool raised = false;
  try {
    results = LoopBody(node, 0, carried, environment);
  } catch (const ModelRaised&) {
    raised = true;
  }
  const Containers::Changes changes = scope.Close();
  containers_.Undo(changes);
  if (raised) return carried;
  containers_.Either({}, changes);
  return Merge(carried, Values(results.begin() + 1, results.end()));
}

// Data decides whether the loop goes on: nothing is refused for what may not come to pass.
Interpreter::Values Interpreter::RunFurther(const torch::jit::Node* node, Values carried, Environment& environment) {
  try {
    return RunUnknownLoop(node, carried, environment);
  } catch (const NodeRefused&) {
    return carried;
  }
}

c10::IValue Interpreter::CallMethod(const torch::jit::Node* node, Values inputs) {
  if (!inputs[0].isObject()) return Unknown();
  const auto object = inputs[0].toObject();
  const std::string& name = node->s(c10::attr::name);
  torch::jit::Function& method = object->type()->getMethod(name);
  const Pushed module(modules_, PathOf(object.get()));
  const CallScope call(*this, node);
  c10::IValue output = Call(method.getSchema(), method, std::move(inputs));
  if (listener_ && name == "forward" && object->type()->is_module()) {
    listener_(modules_.back(), object->type()->name()->name(), output);
  }
  return output;
}

c10::IValue Interpreter::CallFunction(const torch::jit::Node* node, Values inputs) {
  torch::jit::Function* function = node->inputs()[0]->type()->expectRef<c10::FunctionType>().function();
  inputs.erase(inputs.begin());
  const CallScope call(*this, node);
  return Call(function->getSchema(), *function, std::move(inputs));
}

// A forked task is done at once; waiting for it is nothing then.
c10::IValue Interpreter::Fork(const torch::jit::Node* node, Values inputs, Environment&) {
  const auto graph = node->g(c10::attr::Subgraph);
  const CallScope call(*this, node);
  Environment environment;
  for (std::size_t i = 0; i < graph->inputs().size(); ++i) environment[graph->inputs()[i]] = inputs[i];
  return RunBlock(graph->block(), environment).at(0);
}

c10::IValue Interpreter::GetAttribute(const torch::jit::Node* node, const c10::IValue& object) {
  if (!object.isObject()) return Unknown();
  const auto holder = object.toObject();
  const std::string& name = node->s(c10::attr::name);
  const auto known = overlay_.find({holder.get(), name});
  if (known != overlay_.end()) return known->second;
  const c10::IValue value = holder->getAttr(name);
  if (value.isModule()) {
    const std::string parent = PathOf(holder.get());
    paths_[value.toObject().get()] = parent.empty() ? name : parent + "." + name;
    return value;
  }
  c10::IValue adopted = Adopt(value);
  // Changes in place must be seen by the next reader, and by no other run.
  overlay_[{holder.get(), name}] = adopted;
  return adopted;
}

// A function is a constant without a value; its type says which one it is.
c10::IValue Interpreter::ConstantOf(const torch::jit::Node* node) {
  const auto value = torch::jit::toIValue(node->output());
  return value ? Adopt(*value) : c10::IValue();
}

// A stand-in for what the module holds, containers copied.
c10::IValue Interpreter::Adopt(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor().defined() ? evaluator_.Attribute(value.toTensor()) : value;
  if (value.isTuple()) {
    Values items;
    for (const c10::IValue& item : value.toTupleRef().elements()) items.push_back(Adopt(item));
    const auto type = value.type()->expect<c10::TupleType>();
    if (type->schema() != nullptr) return c10::ivalue::Tuple::createNamed(std::move(items), type);
    return c10::ivalue::Tuple::create(std::move(items));
  }
  if (value.isList()) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : value.toListRef()) list.push_back(Adopt(item));
    return list;
  }
  if (value.isGenericDict()) {
    const auto given = value.toGenericDict();
    c10::impl::GenericDict dict(given.keyType(), given.valueType());
    for (const auto& entry : given) dict.insert(entry.key(), Adopt(entry.value()));
    return dict;
  }
  return value;
}

// What it holds may have become unknown since it was made.
c10::IValue Interpreter::Read(const torch::jit::Value* value, const Environment& environment) const {
  const c10::IValue& read = environment.at(value);
  return containers_.IsLost(read) ? Unknown() : read;
}

Interpreter::Values Interpreter::Execute(const torch::jit::Node* node, Values inputs) {
  try {
    if (auto outputs = ComputeStructure(node, inputs)) return *std::move(outputs);
    if (const c10::IValue* container = WrittenContainer(node, inputs)) {
      containers_.BeforeWrite(*container);
      if (std::any_of(inputs.begin(), inputs.end(), HoldsUnknown)) containers_.Lose(*container);
      if (containers_.IsLost(*container)) return Values(node->outputs().size(), Unknown());
    }
    return evaluator_.Evaluate(node, inputs);
  } catch (const NodeRefused&) {
    throw;
  } catch (const std::exception& error) {
    throw NodeRefused(PositionOf(node), std::move(inputs), error.what());
  }
}

Position Interpreter::PositionOf(const torch::jit::Node* node) const {
  Position position{{node}, modules_.empty() ? "" : modules_.back()};
  position.nodes.insert(position.nodes.end(), calls_.rbegin(), calls_.rend());
  return position;
}

std::string Interpreter::PathOf(const c10::ivalue::Object* object) const {
  const auto known = paths_.find(object);
  return known == paths_.end() ? "" : known->second;
}

}  // namespace torchassay
