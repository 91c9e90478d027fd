#include "validator/runner/smaller_call.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "validator/runner/operator_traits.h"
#include "validator/runner/value_tensors.h"

namespace torchassay {
namespace {

using Values = std::vector<c10::IValue>;

// Steps of a sequence and rows of a batch beyond these are like those before.
constexpr std::int64_t kEnough = 2;

at::Tensor Resized(const at::Tensor& tensor, std::int64_t dim, std::int64_t size) {
  if (dim < 0 || dim >= tensor.dim() || tensor.size(dim) == size) return tensor;
  std::vector<std::int64_t> sizes = tensor.sizes().vec();
  sizes[dim] = size;
  return at::empty(sizes, tensor.options());
}

std::optional<std::size_t> PlaceOf(const torch::jit::Node* node, const Values& inputs, const char* name) {
  const auto index = node->schema().argumentIndexWithName(name);
  if (!index || static_cast<std::size_t>(*index) >= inputs.size()) return std::nullopt;
  return static_cast<std::size_t>(*index);
}

bool Flag(const torch::jit::Node* node, const Values& inputs, const char* name) {
  const auto place = PlaceOf(node, inputs, name);
  return place && inputs[*place].isBool() && inputs[*place].toBool();
}

// Few steps, and few rows where the states agree with the input on how many there are.
SmallerCall FewSteps(const torch::jit::Node* node, const Values& inputs) {
  SmallerCall smaller{inputs, {}, {}};
  const at::Tensor& input = inputs[0].toTensor();
  const bool batched = input.dim() == 3;
  const std::int64_t step_dim = batched && Flag(node, inputs, "batch_first") ? 1 : 0;
  const std::int64_t rows = batched ? input.size(1 - step_dim) : 0;
  at::Tensor shrunk = Resized(input, step_dim, std::min(input.size(step_dim), kEnough));
  smaller.first = {{step_dim, input.size(step_dim)}};
  bool alike = batched && rows > kEnough;
  ForEachTensor(inputs[1], [&](const at::Tensor& state) { alike &= state.dim() == 3 && state.size(1) == rows; });
  if (alike) {
    shrunk = Resized(shrunk, 1 - step_dim, kEnough);
    smaller.inputs[1] = MapTensors(inputs[1], [](const at::Tensor& state) { return Resized(state, 1, kEnough); });
    smaller.first.emplace_back(1 - step_dim, rows);
    smaller.others = {{1, rows}};
  }
  smaller.inputs[0] = shrunk;
  return smaller;
}

// A linear layer minds the last dimension only.
SmallerCall LastOnly(const Values& inputs) {
  SmallerCall smaller{inputs, {}, {}};
  at::Tensor input = inputs[0].toTensor();
  for (std::int64_t dim = 0; dim + 1 < input.dim(); ++dim) {
    if (input.size(dim) == 0) continue;
    smaller.first.emplace_back(dim, input.size(dim));
    input = Resized(input, dim, 1);
  }
  smaller.inputs[0] = input;
  return smaller;
}

// Operators on quantised tensors know the first dimension as the batch.
SmallerCall OneRow(const Values& inputs) {
  SmallerCall smaller{inputs, {}, {}};
  std::int64_t rows = -1;
  bool alike = true;
  for (const c10::IValue& input : inputs) {
    ForEachTensor(input, [&](const at::Tensor& tensor) {
      if (!tensor.is_meta()) return;
      alike &= tensor.dim() >= 2 && (rows < 0 || tensor.size(0) == rows);
      rows = tensor.dim() >= 1 ? tensor.size(0) : 0;
    });
  }
  if (!alike || rows < 1) return smaller;
  smaller.inputs =
      MapAll(inputs, [](const at::Tensor& tensor) { return tensor.is_meta() ? Resized(tensor, 0, 1) : tensor; });
  smaller.first = {{0, rows}};
  smaller.others = smaller.first;
  return smaller;
}

// Attention computes something for every pair of steps, but minds only which numbers of rows and steps are equal.
SmallerCall FewPairs(const torch::jit::Node* node, const Values& inputs) {
  SmallerCall smaller{inputs, {}, {}};
  const at::Tensor& query = inputs[0].toTensor();
  const auto mask = PlaceOf(node, inputs, "mask");
  const bool masked = mask && inputs[*mask].isTensor();
  if (query.dim() != 3 || (masked && inputs[*mask].toTensor().dim() != 2)) return smaller;
  const std::int64_t rows = query.size(0), steps = query.size(1);
  const auto few = [&](std::int64_t size) -> std::int64_t {
    if (size <= 1) return size;
    return size == rows ? 2 : size == steps ? 3 : 4;
  };
  for (const char* name : {"query", "key", "value", "src", "mask"}) {
    const auto place = PlaceOf(node, inputs, name);
    if (!place || !inputs[*place].isTensor()) continue;
    at::Tensor tensor = inputs[*place].toTensor();
    for (std::int64_t dim = 0; dim < std::min<std::int64_t>(2, tensor.dim()); ++dim) {
      tensor = Resized(tensor, dim, few(tensor.size(dim)));
    }
    smaller.inputs[*place] = tensor;
  }
  smaller.first = {{0, rows}, {1, steps}};
  smaller.hidden = rows * steps * steps;
  const std::int64_t pairs = Flag(node, inputs, "average_attn_weights") ? 1 : 2;  // the dimension before: the heads
  smaller.others = {{0, rows}, {pairs, steps}, {pairs + 1, steps}};
  return smaller;
}

// Sizes that stand in one place of several tensors: each above 1 is as good as any other, as long as those that differ
// do and the larger is the larger.
class Ranked final {
 public:
  void Add(std::int64_t size) {
    if (size > 1) sizes_.insert(size);
  }
  std::int64_t Of(std::int64_t size) const {
    return size > 1 ? 2 + std::distance(sizes_.begin(), sizes_.find(size)) : size;
  }
  std::int64_t Largest() const { return sizes_.empty() ? 1 : *sizes_.rbegin(); }

 private:
  std::set<std::int64_t> sizes_;
};

// softmax(query key^T + mask) value: steps are the last dimension but one, and both of the mask's last; what stands
// before is broadcast. The number of heads stays where that of the query has to be a multiple of the others'.
SmallerCall FewStepsAndRows(const torch::jit::Node* node, const Values& inputs) {
  SmallerCall smaller{inputs, {}, {}};
  std::vector<std::size_t> places;
  for (const char* name : {"query", "key", "value", "attn_mask"}) {
    const auto place = PlaceOf(node, inputs, name);
    if (!place || !inputs[*place].isTensor()) continue;
    if (inputs[*place].toTensor().dim() < 2) return smaller;
    places.push_back(*place);
  }
  const std::size_t mask = PlaceOf(node, inputs, "attn_mask").value_or(inputs.size());
  const bool keeps_heads = Flag(node, inputs, "enable_gqa");
  const std::int64_t rank = inputs[0].toTensor().dim();
  // By the place from the right: -1 and -2 are steps alike, others stand for themselves.
  const auto kind_of = [&](std::size_t place, std::int64_t from_right) -> std::int64_t {
    if (from_right == 1) return place == mask ? 2 : 0;
    return from_right == 3 && keeps_heads ? 0 : from_right;
  };
  std::map<std::int64_t, Ranked> kinds;
  const auto for_each_size = [&](const auto& visit) {
    for (const std::size_t place : places) {
      const std::int64_t dims = inputs[place].toTensor().dim();
      for (std::int64_t dim = 0; dim < dims; ++dim) {
        if (const std::int64_t kind = kind_of(place, dims - dim); kind != 0) visit(place, dim, kinds[kind]);
      }
    }
  };
  for_each_size(
      [&](std::size_t place, std::int64_t dim, Ranked& sizes) { sizes.Add(inputs[place].toTensor().size(dim)); });
  for_each_size([&](std::size_t place, std::int64_t dim, const Ranked& sizes) {
    const std::int64_t size = inputs[place].toTensor().size(dim);
    smaller.inputs[place] = Resized(smaller.inputs[place].toTensor(), dim, sizes.Of(size));
  });
  const std::int64_t steps = inputs[0].toTensor().size(rank - 2);
  smaller.first = {{rank - 2, steps}};
  smaller.hidden = steps * kinds[2].Largest();
  for (const auto& [kind, sizes] : kinds) {
    if (kind <= 2) continue;
    smaller.first.emplace_back(rank - kind, sizes.Largest());
    smaller.hidden *= sizes.Largest();
  }
  return smaller;
}

}  // namespace

SmallerCall Shrink(const torch::jit::Node* node, const Values& inputs) {
  const std::string_view name = node->kind().toQualString();
  if (IsRecurrent(name) && node->schema().overload_name() == "input") return FewSteps(node, inputs);
  if (IsFusedAttention(name)) return FewPairs(node, inputs);
  if (name == "aten::scaled_dot_product_attention" && inputs[0].isTensor()) return FewStepsAndRows(node, inputs);
  if (name.starts_with("quantized::linear") && inputs[0].isTensor()) return LastOnly(inputs);
  if (name.starts_with("quantized::")) return OneRow(inputs);
  return {inputs, {}, {}};
}

Values Enlarge(const Values& outputs, const SmallerCall& smaller) {
  Values enlarged;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    enlarged.push_back(MapTensors(outputs[i], [&](const at::Tensor& tensor) {
      at::Tensor large = at::empty(tensor.sizes(), tensor.options());
      if (!tensor.is_quantized()) large = at::empty_strided(tensor.sizes(), tensor.strides(), tensor.options());
      for (const auto& [dim, size] : i == 0 ? smaller.first : smaller.others) large = Resized(large, dim, size);
      return large;
    }));
  }
  return enlarged;
}

}  // namespace torchassay
