#include "validator/compare/pair.h"

namespace torchassay {

Scalar LoadScalar(DType dtype, const std::byte* from) {
  using namespace pair_internal;  // NOLINT: the loaders of one dtype each
  switch (dtype) {
    case DType::kF16: return LoadFloating<DType::kF16>(from);
    case DType::kBF16: return LoadFloating<DType::kBF16>(from);
    case DType::kF32: return LoadFloating<DType::kF32>(from);
    case DType::kF64: return LoadFloating<DType::kF64>(from);
    case DType::kI8: return LoadIntegral<DType::kI8>(from);
    case DType::kI16: return LoadIntegral<DType::kI16>(from);
    case DType::kI32: return LoadIntegral<DType::kI32>(from);
    case DType::kI64: return LoadIntegral<DType::kI64>(from);
    case DType::kU8: return LoadIntegral<DType::kU8>(from);
    case DType::kBool: return LoadIntegral<DType::kBool>(from) != 0;
    case DType::kC64: return LoadComplex<DType::kC64>(from);
    case DType::kC128: return LoadComplex<DType::kC128>(from);
  }
  return 0.0;
}

}  // namespace torchassay
