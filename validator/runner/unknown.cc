#include "validator/runner/unknown.h"

#include <algorithm>
#include <utility>

namespace torchassay {
namespace {

// The one value that stands for what is not known.
struct UnknownMark final : torch::CustomClassHolder {};

const c10::intrusive_ptr<torch::CustomClassHolder>& Mark() {
  static const auto* mark = new c10::intrusive_ptr<torch::CustomClassHolder>(c10::make_intrusive<UnknownMark>());
  return *mark;
}

bool SameShape(const c10::IValue& left, const c10::IValue& right) {
  return left.isTensor() && right.isTensor() && left.toTensor().defined() && right.toTensor().defined() &&
         left.toTensor().sizes() == right.toTensor().sizes() && left.toTensor().dtype() == right.toTensor().dtype();
}

}  // namespace

c10::IValue Unknown() { return c10::IValue::make_capsule(Mark()); }

bool IsUnknown(const c10::IValue& value) { return value.isCapsule() && value.toCapsule().get() == Mark().get(); }

bool HoldsUnknown(const c10::IValue& value) {
  if (IsUnknown(value)) return true;
  if (value.isTuple()) {
    const auto& items = value.toTupleRef().elements();
    return std::any_of(items.begin(), items.end(), HoldsUnknown);
  }
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      if (HoldsUnknown(entry.value())) return true;
    }
  }
  return false;
}

c10::IValue Merge(const c10::IValue& left, const c10::IValue& right) {
  if (left.is(right)) return left;
  if (SameShape(left, right)) return left.toTensor().to(at::kMeta);
  if (left.isTuple() && right.isTuple()) {
    const auto& a = left.toTupleRef().elements();
    const auto& b = right.toTupleRef().elements();
    if (a.size() != b.size()) return Unknown();
    std::vector<c10::IValue> items;
    for (std::size_t i = 0; i < a.size(); ++i) items.push_back(Merge(a[i], b[i]));
    return c10::ivalue::Tuple::create(std::move(items));
  }
  return Unknown();
}

std::vector<c10::IValue> Merge(const std::vector<c10::IValue>& left, const std::vector<c10::IValue>& right) {
  std::vector<c10::IValue> merged;
  for (std::size_t i = 0; i < left.size(); ++i) merged.push_back(Merge(left[i], right[i]));
  return merged;
}

}  // namespace torchassay
