#include "validator/runner/containers.h"

#include <optional>
#include <utility>

#include "validator/runner/unknown.h"

namespace torchassay {
namespace {

constexpr std::size_t kMostKept = 256;  // items

bool IsContainer(const c10::IValue& value) { return value.isList() || value.isGenericDict(); }

std::size_t SizeOf(const c10::IValue& container) {
  return container.isList() ? container.toListRef().size() : container.toGenericDict().size();
}

c10::IValue CopyOf(const c10::IValue& container) {
  if (container.isList()) return container.toList().copy();
  return container.toGenericDict().copy();
}

void Assign(const c10::IValue& container, const c10::IValue& content) {
  if (container.isList()) {
    c10::impl::GenericList list = container.toList();
    list.clear();
    for (const c10::IValue& item : content.toListRef()) list.push_back(item);
    return;
  }
  c10::impl::GenericDict dict = container.toGenericDict();
  dict.clear();
  for (const auto& entry : content.toGenericDict()) dict.insert(entry.key(), entry.value());
}

// Nothing unknown may be in a list, whose element type is checked by whoever reads it.
std::optional<c10::IValue> MergedLists(const c10::IValue& left, const c10::IValue& right) {
  if (left.toListRef().size() != right.toListRef().size()) return std::nullopt;
  c10::impl::GenericList merged(left.toList().elementType());
  for (c10::IValue& item : Merge(left.toListRef().vec(), right.toListRef().vec())) {
    if (HoldsUnknown(item)) return std::nullopt;
    merged.push_back(std::move(item));
  }
  return merged;
}

std::optional<c10::IValue> MergedDicts(const c10::IValue& left, const c10::IValue& right) {
  const auto a = left.toGenericDict(), b = right.toGenericDict();
  if (a.size() != b.size()) return std::nullopt;
  c10::impl::GenericDict merged(a.keyType(), a.valueType());
  for (const auto& entry : a) {
    const auto other = b.find(entry.key());
    if (other == b.end()) return std::nullopt;
    merged.insert(entry.key(), Merge(entry.value(), other->value()));
  }
  return merged;
}

std::optional<c10::IValue> Merged(const c10::IValue& left, const c10::IValue& right) {
  return left.isList() ? MergedLists(left, right) : MergedDicts(left, right);
}

}  // namespace

const c10::IValue* WrittenContainer(const torch::jit::Node* node, const std::vector<c10::IValue>& inputs) {
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (schema == nullptr) return nullptr;
  for (std::size_t i = 0; i < schema->arguments().size() && i < inputs.size(); ++i) {
    const auto* alias = schema->arguments()[i].alias_info();
    if (alias != nullptr && alias->isWrite() && IsContainer(inputs[i])) return &inputs[i];
  }
  return nullptr;
}

Containers::Changes Containers::Scope::Close() {
  Changes changes = std::move(containers_.open_.back());
  containers_.open_.pop_back();
  closed_ = true;
  for (auto& [address, change] : changes) change.after = containers_.StateOf(change.container);
  return changes;
}

bool Containers::IsLost(const c10::IValue& value) const {
  return !lost_.empty() && IsContainer(value) && lost_.count(value.internalToPointer()) != 0;
}

void Containers::Lose(const c10::IValue& container) {
  BeforeWrite(container);
  lost_.emplace(container.internalToPointer(), container);
}

void Containers::BeforeWrite(const c10::IValue& container) {
  if (!open_.empty() && SizeOf(container) > kMostKept) lost_.emplace(container.internalToPointer(), container);
  for (Changes& changes : open_) {
    const auto [place, is_new] = changes.try_emplace(container.internalToPointer());
    if (is_new) place->second = {container, StateOf(container), {}};
  }
}

void Containers::Undo(const Changes& changes) {
  for (const auto& [address, change] : changes) Restore(change.container, change.before);
}

void Containers::Redo(const Changes& changes) {
  for (const auto& [address, change] : changes) Restore(change.container, change.after);
}

void Containers::Either(const Changes& left, const Changes& right) {
  Changes either = left;
  for (auto& [address, change] : either) {
    if (right.count(address) == 0) change.after = Both(change.after, change.before);
  }
  for (const auto& [address, change] : right) {
    const auto [place, only_right] = either.try_emplace(address, change);
    place->second.after = Both(only_right ? change.before : place->second.after, change.after);
  }
  Redo(either);
}

Containers::State Containers::Both(const State& left, const State& right) {
  if (left.lost || right.lost) return {{}, true};
  std::optional<c10::IValue> merged = Merged(left.content, right.content);
  return merged ? State{*std::move(merged), false} : State{{}, true};
}

Containers::State Containers::StateOf(const c10::IValue& container) const {
  const bool lost = IsLost(container);
  return {lost ? c10::IValue() : CopyOf(container), lost};
}

void Containers::Restore(const c10::IValue& container, const State& state) {
  BeforeWrite(container);
  if (state.lost) {
    lost_.emplace(container.internalToPointer(), container);
  } else {
    Assign(container, state.content);
    lost_.erase(container.internalToPointer());
  }
}

}  // namespace torchassay
