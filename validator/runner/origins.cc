#include "validator/runner/origins.h"

#include <algorithm>

#include "validator/runner/value_tensors.h"

namespace torchassay {
namespace {

constexpr std::size_t kLastBit = 63;

}  // namespace

void Origins::Add(const at::Tensor& tensor, std::size_t index) {
  count_ = std::max(count_, index + 1);
  known_.insert_or_assign(tensor.unsafeGetTensorImpl(),
                          Known{Reference(tensor.getIntrusivePtr()), Mask{1} << std::min(index, kLastBit)});
}

void Origins::Derive(const std::vector<c10::IValue>& inputs, const std::vector<c10::IValue>& outputs) {
  const Mask origins = MaskOf(inputs);
  if (origins == 0) return;
  const auto is_input = [&](const at::Tensor& tensor) {
    return std::ranges::any_of(
        inputs, [&](const c10::IValue& input) { return input.isTensor() && input.toTensor().is_same(tensor); });
  };
  for (const c10::IValue& output : outputs) {
    ForEachTensor(output, [&](const at::Tensor& tensor) {
      // What comes out of a container is what was put into it.
      if (known_.contains(tensor.unsafeGetTensorImpl()) && !is_input(tensor)) return;
      known_.insert_or_assign(tensor.unsafeGetTensorImpl(), Known{Reference(tensor.getIntrusivePtr()), origins});
    });
  }
}

std::vector<std::size_t> Origins::Of(const std::vector<c10::IValue>& values) const {
  const Mask origins = MaskOf(values);
  std::vector<std::size_t> indices;
  for (std::size_t index = 0; index < count_; ++index) {
    if ((origins >> std::min(index, kLastBit) & 1) != 0) indices.push_back(index);
  }
  return indices;
}

Origins::Mask Origins::MaskOf(const std::vector<c10::IValue>& values) const {
  Mask origins = 0;
  for (const c10::IValue& value : values) {
    ForEachTensor(value, [&](const at::Tensor& tensor) {
      const auto known = known_.find(tensor.unsafeGetTensorImpl());
      if (known != known_.end()) origins |= known->second.origins;
    });
  }
  return origins;
}

}  // namespace torchassay
