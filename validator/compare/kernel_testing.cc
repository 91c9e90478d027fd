#include "validator/compare/kernel_testing.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "validator/compare/accumulator.h"
#include "validator/compare/kernel.h"
#include "validator/compare/reference.h"

namespace torchassay {
namespace {

// Puts a number into an element of `dtype`; every part of a complex one.
void Store(DType dtype, double value, std::byte* to) {
  const auto put = [to](auto typed) { std::memcpy(to, &typed, sizeof(typed)); };
  const auto single = static_cast<float>(value);
  std::uint32_t bits;
  std::memcpy(&bits, &single, 4);
  switch (dtype) {
    case DType::kF16: {  // cut, not rounded; overflow becomes Inf
      const int exponent = static_cast<int>((bits >> 23) & 0xff) - 112;
      const std::uint32_t sign = (bits >> 16) & 0x8000;
      if ((bits & 0x7f800000) == 0x7f800000)
        return put(static_cast<std::uint16_t>(sign | 0x7c00 | (std::isnan(single) ? 1 : 0)));
      if (exponent >= 31) return put(static_cast<std::uint16_t>(sign | 0x7c00));
      if (exponent <= 0)
        return put(static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(std::ldexp(std::abs(single), 24))));
      return put(
          static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(exponent) << 10 | ((bits >> 13) & 0x3ff)));
    }
    case DType::kBF16: return put(static_cast<std::uint16_t>(bits >> 16 | (std::isnan(single) ? 0x40 : 0)));
    case DType::kF32: return put(single);
    case DType::kF64: return put(value);
    case DType::kI8: return put(static_cast<std::int8_t>(std::isfinite(value) ? std::fmod(value, 127) : 7));
    case DType::kI16: return put(static_cast<std::int16_t>(std::isfinite(value) ? std::fmod(value * 100, 32767) : 7));
    case DType::kI32:
      return put(static_cast<std::int32_t>(std::isfinite(value) ? std::fmod(value * 1e6, 2147483647) : 7));
    case DType::kI64: return put(static_cast<std::int64_t>(std::isfinite(value) ? std::fmod(value * 1e12, 9e18) : 7));
    case DType::kU8: return put(static_cast<std::uint8_t>(std::isfinite(value) ? std::fmod(std::abs(value), 255) : 7));
    case DType::kBool: return put(static_cast<std::uint8_t>(value > 0 ? (value > 1 ? 2 : 1) : 0));
    case DType::kC64: put(single); return (void)std::memcpy(to + 4, &single, 4);
    case DType::kC128: put(value); return (void)std::memcpy(to + 8, &value, 8);
  }
}

// What sums may be off by: those of the first blocks are of double precision.
double RoundingOf(const Comparison& exact) { return exact.compared <= 64 * 1024 ? 1e-12 : 1e-6; }

void CheckClose(double fast, double exact, double rounding) {
  if (std::isfinite(exact)) {
    CHECK(fast == Approx(exact).epsilon(rounding).margin(1e-300));
  } else {
    CHECK(std::isnan(fast) == std::isnan(exact));
    if (!std::isnan(exact)) CHECK(fast == exact);
  }
}

void CheckElements(const std::vector<Element>& fast, const std::vector<Element>& exact) {
  REQUIRE(fast.size() == exact.size());
  for (std::size_t i = 0; i < fast.size(); ++i) CHECK(fast[i].index == exact[i].index);
}

void CheckSame(const Comparison& fast, const Comparison& exact) {
  CHECK(fast.passed == exact.passed);
  CHECK(fast.mismatched == exact.mismatched);
  CHECK(fast.differing == exact.differing);
  CHECK(fast.non_finite == exact.non_finite);
  CHECK(fast.max_abs_error == exact.max_abs_error);
  CHECK(fast.max_rel_error == exact.max_rel_error);
  CHECK(fast.max_ulp == exact.max_ulp);
  CheckClose(fast.mean_error, exact.mean_error, RoundingOf(exact));
  CheckClose(fast.rms_error, exact.rms_error, RoundingOf(exact));
  CHECK(fast.histogram == exact.histogram);
  REQUIRE(fast.max_abs.has_value() == exact.max_abs.has_value());
  if (exact.max_abs) CHECK(fast.max_abs->index == exact.max_abs->index);
  if (exact.max_rel) CHECK(fast.max_rel->index == exact.max_rel->index);
  CheckElements(fast.worst, exact.worst);
  CheckElements(fast.non_finite_first, exact.non_finite_first);
}

// What the reference does not compute.
void CheckSameRest(const Comparison& fast, const Comparison& exact) {
  CHECK(fast.cosine.has_value() == exact.cosine.has_value());
  if (exact.cosine) CHECK(*fast.cosine == Approx(*exact.cosine).margin(RoundingOf(exact)));
  REQUIRE(fast.needed_atol.has_value() == exact.needed_atol.has_value());
  if (exact.needed_atol) CHECK(*fast.needed_atol == *exact.needed_atol);
  REQUIRE(fast.needed_rtol.has_value() == exact.needed_rtol.has_value());
  if (exact.needed_rtol) CHECK(*fast.needed_rtol == *exact.needed_rtol);
}

Comparison RunOneByOne(const Sides& sides, const Tolerance& tolerance, NanPolicy policy) {
  Accumulator accumulator(sides.actual, sides.expected, tolerance, policy);
  accumulator.AddExactly(0, static_cast<std::size_t>(ElementCount(sides.actual.shape)));
  return accumulator.Finish();
}

}  // namespace

Data Make(DType dtype, std::size_t count, const Maker& maker) {
  std::mt19937 random(7);
  Data data;
  const std::size_t size = DTypeSize(dtype);
  data.actual.resize(count * size);
  data.expected.resize(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    const auto [actual, expected] = maker(random, i);
    Store(dtype, actual, data.actual.data() + i * size);
    Store(dtype, expected, data.expected.data() + i * size);
  }
  return data;
}

double Normal(std::mt19937& random) { return std::normal_distribution<double>()(random); }

// Kinds of pairs: what real models give, and what is hard.
const std::vector<std::pair<std::string, Maker>>& KindsOfPairs() {
  static const double inf = std::numeric_limits<double>::infinity();
  static const double nan = std::numeric_limits<double>::quiet_NaN();
  static const std::vector<std::pair<std::string, Maker>> makers = {
      {"equal",
       [](auto& r, auto) {
         const double x = 9 * Normal(r);
         return std::pair(x, x);
       }},
      {"noise",
       [](auto& r, auto) {
         const double x = Normal(r);
         return std::pair(x + 1e-5 * Normal(r), x);
       }},
      {"far",
       [](auto& r, auto) {
         const double x = 9 * Normal(r);
         return std::pair(x * (1 + 0.1 * Normal(r)), x);
       }},
      {"zeros",
       [](auto& r, auto) {
         const double x = std::max(0.0, Normal(r));
         return std::pair(x + 1e-5 * (x > 1), x);
       }},
      {"offset",
       [](auto& r, auto) {
         const double x = std::floor(9 * Normal(r));
         return std::pair(x + 1, x);
       }},
      {"growing",
       [](auto& r, auto i) {
         const double x = Normal(r);
         return std::pair(x + 1e-6 * static_cast<double>(i), x);
       }},
      {"tiny",
       [](auto& r, auto) {
         const double x = 1e-39 * Normal(r);
         return std::pair(x * (1 + 0.1 * Normal(r)), x);
       }},
      {"huge",
       [](auto& r, auto) {
         const double x = 1e38 * Normal(r);
         return std::pair(-x, x);
       }},
      {"limit",
       [](auto& r, auto i) {
         const double x = 1 + std::floor(4 * std::abs(Normal(r)));
         return std::pair(x + 0.25 * static_cast<double>(i % 3), x);
       }},
      {"odd",
       [](auto& r, auto i) {
         const double odd[] = {nan, inf, -inf, 0.0, -0.0};
         const double x = Normal(r);
         return std::pair(i % 311 == 0 ? odd[r() % 5] : x, i % 307 == 0 ? odd[r() % 5] : x);
       }},
  };
  return makers;
}

Sides ViewsOf(DType dtype, const Data& data) {
  const auto count = static_cast<std::int64_t>(data.actual.size() / DTypeSize(dtype));
  return {{dtype, {count}, data.actual}, {dtype, {count}, data.expected}};
}

Comparison RunFast(const Sides& sides, const Tolerance& tolerance, NanPolicy policy) {
  Accumulator accumulator(sides.actual, sides.expected, tolerance, policy);
  CompareBlocks(sides.actual, sides.expected, accumulator);
  return accumulator.Finish();
}

void CheckAll(const Sides& sides, const Tolerance& tolerance, NanPolicy policy) {
  const Comparison fast = RunFast(sides, tolerance, policy);
  CheckSame(fast, CompareByReference(sides.actual, sides.expected, tolerance, policy));
  CheckSameRest(fast, RunOneByOne(sides, tolerance, policy));
}

void OnEveryTarget(const std::function<void()>& check) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    INFO(hwy::TargetName(target));
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace torchassay
