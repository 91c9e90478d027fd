#include "validator/compare/tolerance.h"

namespace torchassay {

Tolerance DefaultTolerance(DType dtype) {
  switch (dtype) {
    case DType::kF16: return {1e-3, 1e-5};
    case DType::kBF16: return {1.6e-2, 1e-5};
    case DType::kF32:
    case DType::kC64: return {1.3e-6, 1e-5};
    case DType::kF64:
    case DType::kC128: return {1e-7, 1e-7};
    case DType::kI8:
    case DType::kI16:
    case DType::kI32:
    case DType::kI64:
    case DType::kU8:
    case DType::kBool: return {0, 0};
  }
  return {0, 0};
}

}  // namespace torchassay
