// AssembleCall: nested values out of paths.

#include <map>
#include <memory>
#include <string>

#include "validator/base/strings.h"
#include "validator/signature/path.h"
#include "validator/signature/provided.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

// One place of a nested value while it grows: a leaf, or children in the order in which they came; or nothing at all in
// a container that may be empty.
struct Node {
  std::optional<Value> leaf;
  std::optional<Value> empty;
  std::vector<std::pair<DictKey, std::unique_ptr<Node>>> children;

  Node& Child(const DictKey& step) {
    for (auto& [key, child] : children) {
      if (key == step) return *child;
    }
    children.emplace_back(step, std::make_unique<Node>());
    return *children.back().second;
  }
  bool IsGiven() const { return leaf || empty || !children.empty(); }
};

Status Contradiction(const std::string& path) {
  return Status(StatusCode::kUsage, "TA305", "input " + Quote(path) + " is given both as a value and as a container");
}

std::int64_t SmallestSize(const Dim& dim) {
  if (dim.size) return *dim.size;
  return dim.lo.value_or(1);
}

Value FromConstant(const Constant& constant) {
  return std::visit([](const auto& value) { return Value{value}; }, constant);
}

// The value that stands for a scalar spec: its only choice, its smallest value, or a plain one.
Value FromScalar(const ScalarSpec& spec) {
  if (spec.values && spec.values->choices) return FromConstant(spec.values->choices->front());
  if (spec.values && spec.values->lo) return FromConstant(*spec.values->lo);
  if (spec.values && spec.values->hi) return FromConstant(*spec.values->hi);
  switch (spec.kind) {
    case ScalarKind::kInt: return Value{std::int64_t{1}};
    case ScalarKind::kFloat: return Value{1.0};
    case ScalarKind::kBool: return Value{true};
    case ScalarKind::kStr: return Value{std::string()};
    case ScalarKind::kNone: return Value{NoneValue{}};
  }
  return Value{NoneValue{}};
}

Value FromTensor(const TensorSpec& spec, const std::string& name) {
  TensorRef tensor{.name = name, .dtype = spec.dtype};
  for (const Dim& dim : spec.dims) tensor.shape.push_back(SmallestSize(dim));
  tensor.requires_grad = spec.layout == Layout::kGrad;
  if (spec.layout == Layout::kChannelsLast) tensor.layout = "channels_last";
  return Value{tensor};
}

// Absent for specs that only say how many items or which keys there are.
std::optional<Value> LeafValue(const Provided& provided, const std::string& name) {
  if (const auto* tensor = std::get_if<TensorSpec>(&provided.value)) return FromTensor(*tensor, name);
  if (const auto* scalar = std::get_if<ScalarSpec>(&provided.value)) return FromScalar(*scalar);
  return std::nullopt;
}

// What a spec that only says how many items or which keys there are stands for where none of them is given.
std::optional<Value> EmptyValue(const Provided& provided) {
  const auto* list = std::get_if<ListSpec>(&provided.value);
  if (list != nullptr && list->lo == 0) return Value{ListValue{}};
  const auto* keys = std::get_if<KeysSpec>(&provided.value);
  if (keys != nullptr && keys->keys.empty()) return Value{DictValue{}};
  return std::nullopt;
}

bool HasIndices(const Node& node) { return std::holds_alternative<std::int64_t>(node.children.front().first); }

Result<Value> Build(const Node& node, const std::string& path);

Result<Value> BuildList(const Node& node, const std::string& path) {
  std::map<std::int64_t, const Node*> items;
  for (const auto& [key, child] : node.children) {
    const auto* index = std::get_if<std::int64_t>(&key);
    if (index == nullptr) return Contradiction(path);
    items[*index] = child.get();
  }
  ListValue list;
  for (const auto& [index, child] : items) {
    if (index != static_cast<std::int64_t>(list.items.size())) {
      return Status(StatusCode::kUsage, "TA304",
                    "input " + Quote(path + "[" + std::to_string(list.items.size()) + "]") + " is missing");
    }
    Result<Value> item = Build(*child, path + "[" + std::to_string(index) + "]");
    if (!item.ok()) return item;
    list.items.push_back(*std::move(item));
  }
  return Value{std::move(list)};
}

Result<Value> Build(const Node& node, const std::string& path) {
  if (node.children.empty()) return node.leaf.value_or(node.empty.value_or(Value{}));
  if (node.leaf) return Contradiction(path);
  if (HasIndices(node)) return BuildList(node, path);
  DictValue dict;
  for (const auto& [key, child] : node.children) {
    const auto* name = std::get_if<std::string>(&key);
    Result<Value> item = Build(*child, path + "." + (name ? *name : "?"));
    if (!item.ok()) return item;
    dict.items.emplace_back(key, *std::move(item));
  }
  return Value{std::move(dict)};
}

// Puts one named input into the tree of its argument.
Status Place(Node& root, const Provided& provided) {
  const auto steps = SplitPath(provided.path);
  if (!steps) return Status(StatusCode::kUsage, "TA310", Quote(provided.path) + " is no path of an input");
  Node* node = &root;
  for (const DictKey& step : *steps) node = &node->Child(step);
  node->empty = EmptyValue(provided);
  const std::optional<Value> value = LeafValue(provided, "input." + provided.path);
  if (!value) return {};
  if (node->leaf) {
    return Status(StatusCode::kUsage, "TA304", "input " + Quote(provided.path) + " is given twice");
  }
  node->leaf = value;
  return {};
}

}  // namespace

Result<CallValues> AssembleCall(std::span<const Provided> provided) {
  CallValues call;
  Node root;
  for (const Provided& item : provided) {
    if (item.path.empty()) {
      const std::string name = "input.#" + std::to_string(call.args.size());
      call.args.push_back(LeafValue(item, name).value_or(EmptyValue(item).value_or(Value{})));
    } else if (Status status = Place(root, item); !status.ok()) {
      return status;
    }
  }
  for (const auto& [key, child] : root.children) {
    const std::string* name = std::get_if<std::string>(&key);
    if (name == nullptr) return Status(StatusCode::kUsage, "TA310", "an input's path begins with its name");
    if (!child->IsGiven()) continue;
    Result<Value> value = Build(*child, *name);
    if (!value.ok()) return value.status();
    call.kwargs.emplace_back(*name, *std::move(value));
  }
  return call;
}

}  // namespace torchassay
