// Shape-only kernels that LibTorch's C++ half lacks (its Python half has them).

#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <ATen/WrapDimUtils.h>
#include <c10/util/StringUtil.h>
#include <torch/library.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace torchassay {
namespace {

std::int64_t OutputSize(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                        std::int64_t dilation) {
  return (input + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

std::int64_t TransposedSize(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                            std::int64_t dilation, std::int64_t extra) {
  return (input - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1;
}

// Channels and kernel sizes were checked before this is called; the types were not.
at::Tensor MetaConvolution(const at::Tensor& input, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                           at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                           at::IntArrayRef output_padding, std::int64_t groups) {
  TORCH_CHECK(input.scalar_type() == weight.scalar_type(), "Input type (", input.scalar_type(), ") and weight type (",
              weight.scalar_type(), ") should be the same");
  TORCH_CHECK(!bias || !bias->defined() || bias->scalar_type() == input.scalar_type(), "Input type (",
              input.scalar_type(), ") and bias type (", bias->scalar_type(), ") should be the same");
  std::vector<std::int64_t> sizes = {input.size(0), transposed ? weight.size(1) * groups : weight.size(0)};
  for (std::int64_t i = 2; i < input.dim(); ++i) {
    const std::int64_t size =
        transposed ? TransposedSize(input.size(i), weight.size(i), stride[i - 2], padding[i - 2], dilation[i - 2],
                                    output_padding[i - 2])
                   : OutputSize(input.size(i), weight.size(i), stride[i - 2], padding[i - 2], dilation[i - 2]);
    TORCH_CHECK(size > 0, "the output would be empty: input ", input.sizes(), ", weight ", weight.sizes());
    sizes.push_back(size);
  }
  return at::empty(sizes, input.options());
}

at::Tensor MetaRelu(const at::Tensor& input) {
  TORCH_CHECK(input.scalar_type() != at::kBool, "Boolean inputs not supported for relu");
  return at::empty_like(input);
}

at::Tensor& MetaReluInPlace(at::Tensor& input) { return input; }

void CheckCondition(const at::Tensor& condition) {
  TORCH_CHECK(condition.scalar_type() == at::kBool || condition.scalar_type() == at::kByte,
              "where expected condition to be a boolean tensor, but got a tensor with dtype ", condition.scalar_type());
}

at::Tensor& MetaWhereOut(const at::Tensor& condition, const at::Tensor& self, const at::Tensor& other,
                         at::Tensor& out) {
  CheckCondition(condition);
  const auto sizes = at::infer_size(at::infer_size(condition.sizes(), self.sizes()), other.sizes());
  out.resize_(sizes);
  return out;
}

at::Tensor MetaWhere(const at::Tensor& condition, const at::Tensor& self, const at::Tensor& other) {
  CheckCondition(condition);
  const auto sizes = at::infer_size(at::infer_size(condition.sizes(), self.sizes()), other.sizes());
  return at::empty(sizes, condition.options().dtype(at::result_type(self, other)));
}

at::Tensor MetaIndexSelect(const at::Tensor& input, std::int64_t dim, const at::Tensor& index) {
  TORCH_CHECK(index.dim() <= 1, "index_select(): Index is supposed to be a vector");
  TORCH_CHECK(index.scalar_type() == at::kLong || index.scalar_type() == at::kInt,
              "index_select(): Expected dtype int32 or int64 for index");
  std::vector<std::int64_t> sizes = input.sizes().vec();
  if (!sizes.empty()) sizes[at::maybe_wrap_dim(dim, input.dim())] = index.numel();
  return at::empty(sizes, input.options());
}

// The sizes of weights and statistics were checked before this is called.
std::tuple<at::Tensor, at::Tensor, at::Tensor> MetaBatchNorm(const at::Tensor& input, const std::optional<at::Tensor>&,
                                                             const std::optional<at::Tensor>&,
                                                             const std::optional<at::Tensor>&,
                                                             const std::optional<at::Tensor>&, bool, double, double) {
  TORCH_CHECK(at::isFloatingType(input.scalar_type()), "batch_norm expects floats, got dtype ", input.scalar_type());
  const at::Tensor none = at::empty({0}, input.options());
  return {at::empty_like(input), none, none};
}

// Rows of the statistics that norms return beside their output.
at::Tensor Statistics(const at::Tensor& input, std::int64_t rows) { return at::empty({rows}, input.options()); }

std::tuple<at::Tensor, at::Tensor, at::Tensor> MetaLayerNorm(const at::Tensor& input, at::IntArrayRef shape,
                                                             const std::optional<at::Tensor>& weight,
                                                             const std::optional<at::Tensor>& bias, double) {
  TORCH_CHECK(at::isFloatingType(input.scalar_type()), "layer_norm expects floats, got dtype ", input.scalar_type());
  const auto last =
      input.sizes().slice(input.dim() < static_cast<std::int64_t>(shape.size()) ? 0 : input.dim() - shape.size());
  TORCH_CHECK(!shape.empty() && last == shape, "Given normalized_shape=", shape, ", expected input with shape [*, ",
              c10::Join(", ", shape), "], but got input of size", input.sizes());
  for (const auto& scale : {weight, bias}) {
    TORCH_CHECK(!scale || !scale->defined() || scale->sizes() == shape, "Expected weight and bias of shape ", shape);
  }
  return {at::empty_like(input), Statistics(input, 1), Statistics(input, 1)};
}

// Groups, weights and the batch were checked before this is called.
std::tuple<at::Tensor, at::Tensor, at::Tensor> MetaGroupNorm(const at::Tensor& input, const std::optional<at::Tensor>&,
                                                             const std::optional<at::Tensor>&, std::int64_t,
                                                             std::int64_t, std::int64_t, std::int64_t, double) {
  TORCH_CHECK(at::isFloatingType(input.scalar_type()), "group_norm expects floats, got dtype ", input.scalar_type());
  return {at::empty_like(input), Statistics(input, 1), Statistics(input, 1)};
}

at::Tensor MetaAdaptivePool(const at::Tensor& input, at::IntArrayRef output_size) {
  std::vector<std::int64_t> sizes = input.sizes().vec();
  TORCH_CHECK(sizes.size() > output_size.size(), "adaptive pooling expects ", output_size.size() + 1, " or ",
              output_size.size() + 2, " dimensions, got ", sizes.size());
  std::copy(output_size.begin(), output_size.end(), sizes.end() - static_cast<std::ptrdiff_t>(output_size.size()));
  return at::empty(sizes, input.options());
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, Meta, library) {
  library.impl("native_batch_norm", MetaBatchNorm);
  library.impl("native_layer_norm", MetaLayerNorm);
  library.impl("native_group_norm", MetaGroupNorm);
  library.impl("_adaptive_avg_pool2d", MetaAdaptivePool);
  library.impl("_adaptive_avg_pool3d", MetaAdaptivePool);
  library.impl("relu", MetaRelu);
  library.impl("relu_", MetaReluInPlace);
  library.impl("index_select", MetaIndexSelect);
  library.impl("where.self", MetaWhere);
  library.impl("where.self_out", MetaWhereOut);
  library.impl("convolution_overrideable", MetaConvolution);
}

}  // namespace torchassay
