#include "validator/tensor/tensor.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("a 0-d tensor has one element, an empty dimension none") {
  CHECK(ElementCount({}) == 1);
  CHECK(ElementCount({3, 0, 5}) == 0);
  CHECK(ByteCount(DType::kF64, {3, 4}) == 96u);
  CHECK(ByteCount(DType::kF64, {0, 4}) == 0u);
}

TEST_CASE("a shape whose bytes cannot be counted has none") {
  const std::int64_t huge = std::int64_t{1} << 62;
  CHECK_FALSE(ByteCount(DType::kF32, {huge}));
  CHECK_FALSE(ByteCount(DType::kU8, {huge, 2}));
  CHECK_FALSE(ByteCount(DType::kU8, {huge, 4, 0}));
  CHECK_FALSE(ByteCount(DType::kU8, {-1}));
}

TEST_CASE("a tensor is described as in an input spec") {
  CHECK(DescribeTensor(DType::kF32, {1, 3, 224, 224}) == "f32[1,3,224,224]");
  CHECK(DescribeTensor(DType::kBool, {}) == "bool[]");
}

}  // namespace
}  // namespace torchassay
