#include "validator/runner/operator_checks.h"

#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>

#include <stdexcept>
#include <string>

#include "validator/runner/operator_traits.h"
#include "validator/runner/value_tensors.h"

namespace torchassay {
namespace {

using Values = std::vector<c10::IValue>;

// A sequence, or a batch of sequences; whether it is more is not worth computing.
void RefuseHighRank(const c10::IValue& input) {
  if (!input.isTensor() || input.toTensor().dim() <= 3) return;
  throw std::runtime_error("expected a 2-D or 3-D sequence, got " + std::to_string(input.toTensor().dim()) + "-D");
}

// Recurrent kernels read past the end of a sequence or a state that does not fit, before anything refuses it.
// REQUIRES: the form that takes a padded sequence: input, states, weights, whether there are biases, layers, dropout,
// training, whether it goes both ways, whether batches come first.
void CheckStates(const Values& inputs) {
  const at::Tensor& input = inputs[0].toTensor();
  const std::vector<at::Tensor> weights = inputs[2].toTensorVector();
  if (weights.size() < 2 || weights[0].dim() != 2 || weights[1].dim() != 2 || input.dim() < 2) return;
  if (input.size(-1) != weights[0].size(1)) {
    throw std::runtime_error(c10::str("expected a last dimension of ", weights[0].size(1), ", got ", input.size(-1)));
  }
  const bool batch_first = input.dim() == 3 && inputs[8].isBool() && inputs[8].toBool();
  const std::int64_t rows = input.dim() == 3 ? input.size(batch_first ? 0 : 1) : 1;
  const std::int64_t layers = inputs[4].toInt() * (inputs[7].toBool() ? 2 : 1);
  std::vector<at::Tensor> states;
  ForEachTensor(inputs[1], [&](const at::Tensor& state) { states.push_back(state); });
  for (std::size_t i = 0; i < states.size(); ++i) {
    // An LSTM's cell has a quarter of its gates' size, its hidden state may be projected to fewer.
    const std::int64_t width = i == 0 ? weights[1].size(1) : weights[0].size(0) / 4;
    const std::vector<std::int64_t> wanted = {layers, rows, width};
    if (states[i].sizes() == at::IntArrayRef(wanted)) continue;
    throw std::runtime_error(c10::str("expected a state of ", at::IntArrayRef(wanted), ", got ", states[i].sizes()));
  }
}

// Real indices must lie in the dimension that they index, of which only the size is known. A negative one counts from
// the last.
void CheckIndices(const c10::IValue& indices, const c10::IValue& indexed, std::int64_t dim) {
  if (!indices.isTensor() || !indexed.isTensor() || !indices.toTensor().defined()) return;
  const at::Tensor& index = indices.toTensor();
  const at::Tensor& table = indexed.toTensor();
  if (dim < 0) dim += table.dim();
  if (dim < 0 || dim >= table.dim()) return;  // what runs says so
  if (index.is_meta() || index.numel() == 0 || !at::isIntegralType(index.scalar_type(), false)) return;
  const std::int64_t size = table.size(dim);
  const auto largest = index.max().item<std::int64_t>();
  if (largest < size && index.min().item<std::int64_t>() >= -size) return;
  throw std::runtime_error("index " + std::to_string(largest) + " is out of bounds for dimension " +
                           std::to_string(dim) + " with size " + std::to_string(size));
}

// Bags begin at the first index and end at the last.
void CheckOffsets(const c10::IValue& offsets, const c10::IValue& indices) {
  if (!offsets.isTensor() || !offsets.toTensor().defined() || offsets.toTensor().is_meta()) return;
  const at::Tensor& at = offsets.toTensor();
  if (at.dim() != 1 || at.numel() == 0 || !at::isIntegralType(at.scalar_type(), false)) return;
  const auto first = at[0].item<std::int64_t>(), last = at[-1].item<std::int64_t>();
  if (first != 0) throw std::runtime_error("the first offset has to be 0, got " + std::to_string(first));
  if (last <= indices.toTensor().numel()) return;
  throw std::runtime_error("the last offset, " + std::to_string(last) + ", is beyond the indices");
}

void CheckIndicesOf(std::string_view name, const Values& inputs) {
  if (OneOf(name, {"aten::embedding", "aten::embedding_bag"})) CheckIndices(inputs[1], inputs[0], 0);
  if (name == "aten::embedding_bag" && inputs.size() > 2) CheckOffsets(inputs[2], inputs[1]);
  if (OneOf(name, {"aten::index_select", "aten::gather"}) && inputs[1].isInt()) {
    CheckIndices(inputs[2], inputs[0], inputs[1].toInt());
  }
  if (name == "aten::index" && inputs[1].isList()) {
    const auto list = inputs[1].toListRef();
    for (std::size_t i = 0; i < list.size(); ++i) CheckIndices(list[i], inputs[0], static_cast<std::int64_t>(i));
  }
}

// What masks the attention of a batch of heads has rows and columns; the shape-only form lets it broadcast.
void CheckAttentionMask(std::string_view name, const Values& inputs) {
  if (name != "aten::scaled_dot_product_attention" || inputs.size() < 4 || !inputs[3].isTensor()) return;
  const at::Tensor& mask = inputs[3].toTensor();
  if (!mask.defined() || mask.dim() >= 2 || inputs[0].toTensor().dim() != 4) return;
  throw std::runtime_error("the attention mask needs at least 2 dimensions, got " + std::to_string(mask.dim()));
}

// In its own words a fused layer does not say which dimension of what is wrong.
// REQUIRES: the query first, and how wide it has to be at `width`.
void CheckWidth(const Values& inputs, std::size_t width) {
  if (!inputs[0].isTensor() || width >= inputs.size() || !inputs[width].isInt()) return;
  const at::Tensor& query = inputs[0].toTensor();
  if (query.dim() == 0 || query.size(-1) == inputs[width].toInt()) return;
  throw std::runtime_error(c10::str("expected a last dimension of ", inputs[width].toInt(), ", got ", query.size(-1)));
}

// Shape-only forms take any mask.
void CheckMaskOf(std::string_view name, const Values& inputs) {
  if (!OneOf(name, {"aten::masked_fill", "aten::masked_fill_", "aten::masked_scatter", "aten::masked_scatter_"}))
    return;
  if (!inputs[0].isTensor() || !inputs[1].isTensor()) return;
  const at::Tensor& mask = inputs[1].toTensor();
  if (mask.scalar_type() != at::kBool) {
    throw std::runtime_error(std::string("only boolean masks are taken, got ") + at::toString(mask.scalar_type()));
  }
  const at::Tensor& masked = inputs[0].toTensor();
  const auto together = at::infer_size(masked.sizes(), mask.sizes());
  if (name.ends_with('_') && at::IntArrayRef(together) != masked.sizes()) {
    throw std::runtime_error(c10::str("a mask of ", mask.sizes(), " does not fit into ", masked.sizes()));
  }
}

// What is put at indices must fit into what these select, and be of the type of what it is put into.
void CheckIndexPut(std::string_view name, const Values& inputs) {
  if (!OneOf(name, {"aten::index_put", "aten::index_put_"}) || !inputs[0].isTensor() || !inputs[2].isTensor()) return;
  c10::List<std::optional<at::Tensor>> indices;
  for (const c10::IValue& item : inputs[1].toListRef()) {
    const bool given = item.isTensor() && item.toTensor().defined();
    const at::ScalarType type = given ? item.toTensor().scalar_type() : at::kLong;
    if (type == at::kBool || type == at::kByte) return;  // how many elements a mask selects is not known
    indices.push_back(given ? std::optional(ToMeta(item.toTensor())) : std::nullopt);
  }
  const at::Tensor& whole = inputs[0].toTensor();
  const at::Tensor& values = inputs[2].toTensor();
  const at::Tensor selected = at::index(ToMeta(whole), indices);
  if (!at::is_expandable_to(values.sizes(), selected.sizes())) {
    throw std::runtime_error(
        c10::str("values of ", values.sizes(), " do not fit into the selected ", selected.sizes()));
  }
  if (values.scalar_type() == whole.scalar_type()) return;
  throw std::runtime_error(
      c10::str("expected values of the dtype ", whole.scalar_type(), ", got ", values.scalar_type()));
}

}  // namespace

void CheckInputs(std::string_view name, const Values& inputs) {
  CheckIndicesOf(name, inputs);
  CheckMaskOf(name, inputs);
  CheckIndexPut(name, inputs);
  CheckAttentionMask(name, inputs);
  if (IsFusedAttention(name)) CheckWidth(inputs, name == "aten::_native_multi_head_attention" ? 3 : 1);
  if (!IsRecurrent(name)) return;
  RefuseHighRank(inputs[0]);
  if (inputs.size() == 9 && inputs[2].isTensorList()) CheckStates(inputs);
}

}  // namespace torchassay
