#include "validator/runner/needs.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "validator/base/strings.h"
#include "validator/runner/values.h"

namespace torchassay {
namespace {

using Inputs = std::vector<c10::IValue>;

std::optional<at::Tensor> TensorAt(const Inputs& inputs, std::size_t index) {
  if (index >= inputs.size() || !inputs[index].isTensor() || !inputs[index].toTensor().defined()) return std::nullopt;
  return inputs[index].toTensor();
}

std::string TypeText(const at::Tensor& tensor) {
  const std::string text = DescribeTensor(tensor);
  return text.substr(0, text.find('['));
}

// Convolutions: the weight says the channels and the type.
std::string ConvolutionNeed(const Inputs& inputs, bool transposed) {
  const auto input = TensorAt(inputs, 0);
  const auto weight = TensorAt(inputs, 1);
  if (!input || !weight || weight->dim() < 3) return "";
  if (input->scalar_type() != weight->scalar_type()) return "needs " + TypeText(*weight) + ", as its weight is";
  const std::int64_t rank = weight->dim();
  std::int64_t groups = 1;
  if (!inputs.empty() && inputs.back().isInt()) groups = inputs.back().toInt();
  if (transposed && inputs.size() > 6 && inputs[6].isInt()) groups = inputs[6].toInt();
  const std::int64_t channels = transposed ? weight->size(0) : weight->size(1) * groups;
  if (input->dim() != rank && input->dim() != rank - 1) {
    return "needs a " + std::to_string(rank) + "-D input with " + CountText(channels, "channel");
  }
  const std::int64_t given = input->size(input->dim() - rank + 1);
  if (given == channels) return "";
  return "needs " + CountText(channels, "channel") + ", got " + std::to_string(given);
}

std::string LinearNeed(const Inputs& inputs, std::size_t weight_index, std::int64_t weight_dim) {
  const auto input = TensorAt(inputs, weight_index == 2 ? 1 : 0);
  const auto weight = TensorAt(inputs, weight_index);
  if (!input || !weight || weight->dim() != 2) return "";
  if (input->scalar_type() != weight->scalar_type()) return "needs " + TypeText(*weight) + ", as its weight is";
  const std::int64_t wanted = weight->size(weight_dim);
  if (input->dim() == 0) return "needs at least 1 dimension, the last of " + std::to_string(wanted);
  if (input->size(-1) == wanted) return "";
  return "needs a last dimension of " + std::to_string(wanted) + ", got " + std::to_string(input->size(-1));
}

std::string VectorNeed(const Inputs& inputs) {
  const auto matrix = TensorAt(inputs, 0);
  const auto vector = TensorAt(inputs, 1);
  if (!matrix || !vector) return "";
  if (matrix->dim() != 2) return "needs a 2-D matrix before the vector";
  if (vector->dim() == 1 && vector->size(0) == matrix->size(1)) return "";
  return "needs a 1-D vector of " + CountText(matrix->size(1), "element");
}

std::string EmbeddingNeed(const Inputs& inputs) {
  const auto table = TensorAt(inputs, 0);
  const auto indices = TensorAt(inputs, 1);
  if (!table || !indices) return "";
  if (!at::isIntegralType(indices->scalar_type(), false))
    return "needs integer indices (i64 or i32), got " + TypeText(*indices);
  if (indices->is_meta() || indices->numel() == 0 || table->dim() == 0) return "";
  return "has " + CountText(table->size(0), "row") + ", and is asked for row " +
         std::to_string(indices->max().item<std::int64_t>());
}

std::string NormNeed(const Inputs& inputs) {
  const auto input = TensorAt(inputs, 0);
  for (std::size_t i = 1; i < std::min<std::size_t>(inputs.size(), 5); ++i) {
    const auto weight = TensorAt(inputs, i);
    if (!input || !weight || weight->dim() != 1) continue;
    if (input->dim() < 2) return "needs at least 2 dimensions, the second of " + std::to_string(weight->size(0));
    if (input->size(1) != weight->size(0)) {
      return "needs " + CountText(weight->size(0), "channel") + " in dimension 1, got " +
             std::to_string(input->size(1));
    }
  }
  return "";
}

std::string LayerNormNeed(const Inputs& inputs) {
  if (inputs.size() < 2 || !inputs[1].isIntList()) return "";
  std::vector<std::string> sizes;
  for (const std::int64_t size : inputs[1].toIntVector()) sizes.push_back(std::to_string(size));
  return "needs last dimensions of [" + Join(sizes, ", ") + "]";
}

}  // namespace

std::string NeedText(const std::string& op, const Inputs& inputs) {
  const std::string_view name = std::string_view(op).substr(op.find(':') == std::string::npos ? 0 : op.find(':') + 2);
  if (name == "mv") return VectorNeed(inputs);
  if (name == "linear") return LinearNeed(inputs, 1, 1);
  if (name == "addmm") return LinearNeed(inputs, 2, 0);
  if (name == "mm" || name == "matmul") return LinearNeed(inputs, 1, 0);
  if (name.starts_with("conv_transpose")) return ConvolutionNeed(inputs, true);
  if (name == "_convolution" || name == "convolution") {
    const bool transposed = inputs.size() > 6 && inputs[6].isBool() && inputs[6].toBool();
    Inputs head(inputs.begin(), inputs.begin() + std::min<std::size_t>(inputs.size(), 9));
    return ConvolutionNeed(head, transposed);
  }
  if (name.starts_with("conv")) return ConvolutionNeed(inputs, false);
  if (name == "embedding") return EmbeddingNeed(inputs);
  if (name == "batch_norm" || name == "instance_norm") return NormNeed(inputs);
  if (name == "layer_norm") return LayerNormNeed(inputs);
  return "";
}

std::string OperatorText(const std::string& qualified_name) {
  if (qualified_name.starts_with("aten::")) return "torch." + qualified_name.substr(6);
  return qualified_name;
}

}  // namespace torchassay
