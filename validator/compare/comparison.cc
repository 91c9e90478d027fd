#include "validator/compare/comparison.h"

#include <cmath>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

// Fewer digits tell a narrow type's numbers apart than a double's.
std::string FloatText(double value, DType dtype) {
  switch (dtype) {
    case DType::kF16: return NumberText(value, 5);
    case DType::kBF16: return NumberText(value, 4);
    case DType::kF32:
    case DType::kC64: return ExactNumberText(static_cast<float>(value));
    case DType::kF64:
    case DType::kI8:
    case DType::kI16:
    case DType::kI32:
    case DType::kI64:
    case DType::kU8:
    case DType::kBool:
    case DType::kC128: break;
  }
  return ExactNumberText(value);
}

}  // namespace

std::string ScalarText(const Scalar& value, DType dtype) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return FloatText(*number, dtype);
  const auto& complex = std::get<std::complex<double>>(value);
  const std::string imaginary = FloatText(complex.imag(), dtype);
  const std::string sign = imaginary.starts_with("-") ? "" : "+";
  return "(" + FloatText(complex.real(), dtype) + sign + imaginary + "j)";
}

std::string IndexText(const Shape& index) {
  std::string text = "[";
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(index[i]);
  }
  return text + "]";
}

}  // namespace torchassay
