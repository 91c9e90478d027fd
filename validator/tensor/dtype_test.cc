#include "validator/tensor/dtype.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("every dtype is found by its own name in both spellings") {
  for (int i = 0; i <= static_cast<int>(DType::kC128); ++i) {
    const auto dtype = static_cast<DType>(i);
    CHECK(ParseDType(DTypeName(dtype)) == dtype);
  }
  CHECK(ParseDType("BF16") == DType::kBF16);
  CHECK_FALSE(ParseDType("Bf16"));
  CHECK_FALSE(ParseDType("u16"));
  CHECK_FALSE(ParseDType(""));
}

TEST_CASE("sizes and kinds") {
  CHECK(DTypeSize(DType::kBool) == 1);
  CHECK(DTypeSize(DType::kC128) == 16);
  CHECK(IsFloating(DType::kBF16));
  CHECK_FALSE(IsFloating(DType::kC64));
  CHECK(IsInteger(DType::kU8));
  CHECK_FALSE(IsInteger(DType::kBool));
  CHECK(IsComplex(DType::kC64));
}

}  // namespace
}  // namespace torchassay
