#include "validator/tensor/tensor.h"

namespace torchassay {

std::int64_t ElementCount(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

std::optional<std::size_t> ByteCount(DType dtype, const Shape& shape) {
  auto bytes = static_cast<std::int64_t>(DTypeSize(dtype));
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    empty = empty || size == 0;
    // A later 0 makes the product 0, but sizes that no tensor could have stay refused.
    if (__builtin_mul_overflow(bytes, size == 0 ? 1 : size, &bytes)) return std::nullopt;
  }
  return empty ? 0 : static_cast<std::size_t>(bytes);
}

std::string DescribeTensor(DType dtype, const Shape& shape) {
  std::string text(DTypeName(dtype));
  text += '[';
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace torchassay
