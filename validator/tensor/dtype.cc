#include "validator/tensor/dtype.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace torchassay {
namespace {

struct DTypeRow {
  DType dtype;
  std::string_view name;
  std::size_t size;
};

// In the order of the enumeration.
constexpr std::array<DTypeRow, 12> kDTypes = {{
    {DType::kF16, "f16", 2},
    {DType::kBF16, "bf16", 2},
    {DType::kF32, "f32", 4},
    {DType::kF64, "f64", 8},
    {DType::kI8, "i8", 1},
    {DType::kI16, "i16", 2},
    {DType::kI32, "i32", 4},
    {DType::kI64, "i64", 8},
    {DType::kU8, "u8", 1},
    {DType::kBool, "bool", 1},
    {DType::kC64, "c64", 8},
    {DType::kC128, "c128", 16},
}};

const DTypeRow& Row(DType dtype) { return kDTypes[static_cast<std::size_t>(dtype)]; }

bool IsUpperCaseOf(std::string_view upper, std::string_view lower) {
  return std::equal(upper.begin(), upper.end(), lower.begin(), lower.end(),
                    [](unsigned char u, unsigned char l) { return u == std::toupper(l); });
}

}  // namespace

std::string_view DTypeName(DType dtype) { return Row(dtype).name; }

std::optional<DType> ParseDType(std::string_view name) {
  for (const DTypeRow& row : kDTypes) {
    if (name == row.name || IsUpperCaseOf(name, row.name)) return row.dtype;
  }
  return std::nullopt;
}

std::size_t DTypeSize(DType dtype) { return Row(dtype).size; }

bool IsFloating(DType dtype) { return dtype <= DType::kF64; }
bool IsComplex(DType dtype) { return dtype == DType::kC64 || dtype == DType::kC128; }
bool IsInteger(DType dtype) { return dtype >= DType::kI8 && dtype <= DType::kU8; }

}  // namespace torchassay
