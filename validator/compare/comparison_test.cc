#include "validator/compare/comparison.h"

#include <catch2/catch.hpp>
#include <limits>

namespace torchassay {
namespace {

TEST_CASE("a value is written so that it can be told from its neighbours") {
  CHECK(ScalarText(static_cast<double>(0.1f), DType::kF32) == "0.1");
  CHECK(ScalarText(static_cast<double>(0.1f), DType::kF64) == "0.10000000149011612");
  CHECK(ScalarText(0.0999755859375, DType::kF16) == "0.099976");
  CHECK(ScalarText(std::int64_t{9007199254740993}, DType::kI64) == "9007199254740993");
  CHECK(ScalarText(true, DType::kBool) == "true");
  CHECK(ScalarText(std::complex<double>(1, -0.5), DType::kC64) == "(1-0.5j)");
  CHECK(ScalarText(std::complex<double>(0, 2), DType::kC128) == "(0+2j)");
  CHECK(ScalarText(-std::numeric_limits<double>::infinity(), DType::kF32) == "-inf");
}

TEST_CASE("an index is written as in Python") {
  CHECK(IndexText({2, 117}) == "[2, 117]");
  CHECK(IndexText({}) == "[]");
}

TEST_CASE("the default tolerances are those of torch.testing.assert_close") {
  CHECK(DefaultTolerance(DType::kF16) == Tolerance{1e-3, 1e-5});
  CHECK(DefaultTolerance(DType::kBF16) == Tolerance{1.6e-2, 1e-5});
  CHECK(DefaultTolerance(DType::kF32) == Tolerance{1.3e-6, 1e-5});
  CHECK(DefaultTolerance(DType::kC64) == Tolerance{1.3e-6, 1e-5});
  CHECK(DefaultTolerance(DType::kF64) == Tolerance{1e-7, 1e-7});
  CHECK(DefaultTolerance(DType::kC128) == Tolerance{1e-7, 1e-7});
  CHECK(DefaultTolerance(DType::kI64) == Tolerance{0, 0});
  CHECK(DefaultTolerance(DType::kBool) == Tolerance{0, 0});
}

}  // namespace
}  // namespace torchassay
