#include "validator/runner/operator_traits.h"

#include <algorithm>

namespace torchassay {

bool OneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool DependsOnData(std::string_view name) {
  return OneOf(name, {"aten::item",
                      "aten::Bool",
                      "aten::Int",
                      "aten::Float",
                      "aten::Complex",
                      "aten::IntImplicit",
                      "aten::FloatImplicit",
                      "aten::ScalarImplicit",
                      "aten::is_nonzero",
                      "aten::equal",
                      "aten::allclose",
                      "aten::nonzero_numpy",
                      "aten::argwhere",
                      "aten::unique_dim",
                      "aten::unique_consecutive",
                      "aten::_unique2",
                      "aten::_unique",
                      "aten::bincount",
                      "aten::repeat_interleave",
                      "aten::one_hot",
                      "prim::tolist",
                      "aten::_local_scalar_dense",
                      "aten::histc",
                      "aten::combinations",
                      "aten::_nested_tensor_from_mask",
                      "aten::_nested_tensor_from_mask_left_aligned"});
}

bool IsRecurrent(std::string_view name) {
  return OneOf(name, {"aten::lstm", "aten::gru", "aten::rnn_tanh", "aten::rnn_relu"});
}

bool IsFusedAttention(std::string_view name) {
  return OneOf(name, {"aten::_native_multi_head_attention", "aten::_transformer_encoder_layer_fwd"});
}

bool NeedsTrial(std::string_view name) {
  return IsRecurrent(name) || OneOf(name, {"aten::lstm_cell", "aten::gru_cell", "aten::rnn_tanh_cell",
                                           "aten::rnn_relu_cell", "aten::embedding_bag"});
}

bool WantsOneType(std::string_view name) {
  return OneOf(name, {"aten::mm",
                      "aten::matmul",
                      "aten::addmm",
                      "aten::bmm",
                      "aten::baddbmm",
                      "aten::linear",
                      "aten::mv",
                      "aten::addmv",
                      "aten::dot",
                      "aten::einsum",
                      "aten::conv1d",
                      "aten::conv2d",
                      "aten::conv3d",
                      "aten::_convolution",
                      "aten::conv_transpose1d",
                      "aten::conv_transpose2d",
                      "aten::conv_transpose3d",
                      "aten::convolution",
                      "aten::scaled_dot_product_attention",
                      "aten::layer_norm",
                      "aten::batch_norm",
                      "aten::group_norm",
                      "aten::instance_norm",
                      "aten::bilinear"});
}

bool ReachesOutside(std::string_view name) {
  return OneOf(name, {"aten::save", "aten::from_file", "aten::_load_for_lite_interpreter"});
}

bool KeepsShape(std::string_view name) {
  return OneOf(name,
               {"aten::hardtanh", "aten::hardtanh_", "aten::hardswish",   "aten::hardswish_",      "aten::relu6",
                "aten::relu6_",   "aten::dropout",   "aten::dropout_",    "aten::feature_dropout", "aten::prelu",
                "aten::celu",     "aten::selu",      "aten::mish",        "aten::softshrink",      "aten::hardshrink",
                "aten::silu",     "aten::silu_",     "aten::hardsigmoid", "aten::hardsigmoid_",    "aten::log_sigmoid",
                "aten::clamp"});
}

}  // namespace torchassay
