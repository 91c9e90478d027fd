#include "validator/archive/weight_stats.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace torchassay {
namespace {

template <typename T>
WeightStats Compare(DType dtype, const std::vector<T>& before, const std::vector<T>& after) {
  WeightStats stats(dtype);
  stats.Add(std::as_bytes(std::span(before)), std::as_bytes(std::span(after)));
  return stats;
}

TEST_CASE("norms and the largest change") {
  const WeightStats stats = Compare<float>(DType::kF32, {3, 4, 0}, {3, 4, 2});
  CHECK(stats.changed() == 1);
  CHECK(stats.norm_before() == 5);
  CHECK(stats.norm_after() == Approx(std::sqrt(29.0)));
  CHECK(stats.norm_difference() == 2);
  CHECK(stats.largest() == 2);
}

TEST_CASE("steps are counted in units in the last place") {
  const float one = 1;
  const float next = std::nextafter(one, 2.0f);
  const WeightStats stats = Compare<float>(DType::kF32, {one, one, one, 0.0f, one}, {next, 1.0001f, -1, -0.0f, one});
  CHECK(stats.ulp() == std::array<std::int64_t, 6>{1, 0, 0, 1, 0, 2});
  CHECK(stats.changed() == 4);
}

TEST_CASE("a NaN changes nothing but the counts") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const WeightStats stats = Compare<double>(DType::kF64, {1, nan}, {nan, nan});
  CHECK(stats.changed() == 1);
  CHECK(stats.norm_after() == 0);
  CHECK(stats.largest() == 0);
  CHECK(stats.ulp() == std::array<std::int64_t, 6>{0, 0, 0, 0, 0, 1});
}

TEST_CASE("half and integer types have their own values") {
  CHECK(Compare<std::uint16_t>(DType::kF16, {0x3c00}, {0x4000}).largest() == 1);
  CHECK(Compare<std::uint16_t>(DType::kF16, {0x0001}, {0x0000}).largest() == std::ldexp(1.0, -24));
  CHECK(Compare<std::uint16_t>(DType::kBF16, {0x3f80}, {0x4040}).largest() == 2);
  CHECK(Compare<std::int8_t>(DType::kI8, {-128}, {127}).largest() == 255);
  CHECK(Compare<std::uint8_t>(DType::kBool, {0}, {1}).changed() == 1);
}

}  // namespace
}  // namespace torchassay
