// TensorView: element type, shape and bytes of one contiguous tensor that somebody else owns.

#ifndef VALIDATOR_TENSOR_TENSOR_H_
#define VALIDATOR_TENSOR_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validator/tensor/dtype.h"

namespace torchassay {

using Shape = std::vector<std::int64_t>;

struct TensorView {
  DType dtype = DType::kF32;
  Shape shape;                       // {} is 0-d, one element
  std::span<const std::byte> bytes;  // row-major, exactly elements * DTypeSize(dtype)
};

// The product of all sizes; 1 for a 0-d shape.
std::int64_t ElementCount(const Shape& shape);
// Bytes of such a tensor. Absent where a size is negative or the product leaves 63 bits, as in a hostile header.
std::optional<std::size_t> ByteCount(DType dtype, const Shape& shape);
// "f32[1,3,224,224]", the grammar's text.
std::string DescribeTensor(DType dtype, const Shape& shape);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_TENSOR_H_
