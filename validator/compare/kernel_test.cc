// The fast path against the exact one: on every kind of processor that this machine can be, they must agree.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "validator/compare/kernel_testing.h"

namespace torchassay {
namespace {

void CheckDType(DType dtype) {
  for (const auto& [name, maker] : KindsOfPairs()) {
    const Data data = Make(dtype, 5000, maker);
    for (const Tolerance& tolerance :
         {DefaultTolerance(dtype), Tolerance{0, 0}, Tolerance{1e-3, 0}, Tolerance{0, 0.25}}) {
      INFO(DTypeName(dtype) << " " << name << " rtol " << tolerance.rtol << " atol " << tolerance.atol);
      CheckAll(ViewsOf(dtype, data), tolerance);
    }
  }
}

TEST_CASE("every processor's fast path says what the reference says") {
  OnEveryTarget([] {
    for (const DType dtype : kAllDTypes) CheckDType(dtype);
  });
}

// A number, on the other side too, or near it, or far, or none.
std::pair<double, double> AnyPair(std::mt19937& random) {
  static constexpr double kOdd[] = {
      std::numeric_limits<double>::quiet_NaN(), HUGE_VAL, -HUGE_VAL, 0.0, -0.0, 1e-45, 3e38};
  const double x = random() % 4 == 0 ? static_cast<double>(random() % 5) : Normal(random);
  switch (random() % 8) {
    case 0: return {x, kOdd[random() % 7]};
    case 1: return {kOdd[random() % 7], kOdd[random() % 7]};
    case 2: return {x * (1 + 1e-6 * Normal(random)), x};
    case 3: return {-x, x};
    case 4: return {x + 0.25, x};
    default: return {x, x};
  }
}

TEST_CASE("any length, at any address, of any mix of numbers") {
  OnEveryTarget([] {
    std::mt19937 random(3);
    for (std::size_t count = 0; count <= 300; ++count) {
      const DType dtype = kAllDTypes[random() % std::size(kAllDTypes)];
      const std::size_t shift = random() % 9;
      Data data = Make(dtype, count, [&](auto&, auto) { return AnyPair(random); });
      data.actual.insert(data.actual.begin(), shift, std::byte{1});
      const auto size = static_cast<std::int64_t>(count);
      const Sides sides = {{dtype, {size}, std::span(data.actual).subspan(shift)}, {dtype, {size}, data.expected}};
      INFO(DTypeName(dtype) << " of " << count << " at " << shift);
      const NanPolicy policy = count % 2 == 0 ? NanPolicy::kNeverEqual : NanPolicy::kEqualWhereExpected;
      CheckAll(sides, count % 3 == 0 ? Tolerance{0, 0} : DefaultTolerance(dtype), policy);
    }
  });
}

TEST_CASE("of records that are equal the first in the tensor is named") {
  const Data data = Make(DType::kF32, 9000, [](auto&, auto i) {
    return std::pair(i == 7000 || i == 4000 || i == 4100 ? 1.0 : 0.5, i < 2500 ? 0.5 : 0.25);
  });
  OnEveryTarget([&] { CheckAll(ViewsOf(DType::kF32, data), {0, 0.5}, NanPolicy::kNeverEqual); });
  const Comparison found = RunFast(ViewsOf(DType::kF32, data), {0, 0.5}, NanPolicy::kNeverEqual);
  CHECK(IndexText(found.max_abs->index) == "[4000]");
  CHECK(found.mismatched == 3);
}

TEST_CASE("the tolerance that would pass does pass") {
  for (const DType dtype : kAllDTypes) {
    for (const auto& [name, maker] : KindsOfPairs()) {
      INFO(DTypeName(dtype) << " " << name);
      const Data data = Make(dtype, 3000, maker);
      const Tolerance tolerance = DefaultTolerance(dtype);
      const Comparison found = RunFast(ViewsOf(dtype, data), tolerance, NanPolicy::kEqualWhereExpected);
      if (found.needed_atol) {
        CHECK(
            RunFast(ViewsOf(dtype, data), {tolerance.rtol, *found.needed_atol}, NanPolicy::kEqualWhereExpected).passed);
      }
      if (found.needed_rtol) {
        CHECK(
            RunFast(ViewsOf(dtype, data), {*found.needed_rtol, tolerance.atol}, NanPolicy::kEqualWhereExpected).passed);
      }
    }
  }
}

}  // namespace
}  // namespace torchassay
