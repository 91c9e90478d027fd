// DType: the element types of the input-spec grammar, with their names and sizes.

#ifndef VALIDATOR_TENSOR_DTYPE_H_
#define VALIDATOR_TENSOR_DTYPE_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace torchassay {

enum class DType { kF16, kBF16, kF32, kF64, kI8, kI16, kI32, kI64, kU8, kBool, kC64, kC128 };

// "f16" … "c128": the grammar's and the manifest's name.
std::string_view DTypeName(DType dtype);
// The inverse of DTypeName; upper case, as in a safetensors header, is taken too. Absent: no such type.
std::optional<DType> ParseDType(std::string_view name);
// Bytes of one element.
std::size_t DTypeSize(DType dtype);
bool IsFloating(DType dtype);  // f16 bf16 f32 f64
bool IsComplex(DType dtype);   // c64 c128
bool IsInteger(DType dtype);   // i8 i16 i32 i64 u8

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_DTYPE_H_
