// Tensors of so many blocks that surveys take most of them in: of one kind, of many, and at the edge of every doubt.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "validator/compare/kernel_testing.h"

namespace torchassay {
namespace {

constexpr std::size_t kBlock = 1024;
constexpr std::size_t kFirst = 64 * kBlock;  // elements that are looked at carefully whatever they are like

// The types whose errors are floats.
constexpr DType kSurveyed[] = {DType::kF16, DType::kBF16, DType::kF32, DType::kI8,
                               DType::kI16, DType::kU8,   DType::kBool};

void CheckEverywhere(DType dtype, std::size_t count, const Tolerance& tolerance, const Maker& maker) {
  const Data data = Make(dtype, count, maker);
  OnEveryTarget([&] { CheckAll(ViewsOf(dtype, data), tolerance); });
}

// Noise far below the tolerance, but for what `maker` makes of the elements after the first blocks.
Maker QuietUntil(const Maker& maker) {
  return [maker](std::mt19937& random, std::size_t i) {
    if (i >= kFirst + 4 * kBlock) return maker(random, i);
    const double x = Normal(random);
    return std::pair(x * (1 + 3e-7 * Normal(random)), x);
  };
}

TEST_CASE("every kind of pairs, in a tensor of many blocks") {
  for (const DType dtype : kSurveyed) {
    for (const auto& [name, maker] : KindsOfPairs()) {
      INFO(DTypeName(dtype) << " " << name);
      CheckEverywhere(dtype, kFirst + 4000, DefaultTolerance(dtype), maker);
    }
  }
}

TEST_CASE("every kind of pairs after many quiet blocks") {
  for (const auto& [name, maker] : KindsOfPairs()) {
    INFO(name);
    for (const Tolerance& tolerance : {DefaultTolerance(DType::kF32), Tolerance{0, 0}, Tolerance{1e-3, 0}}) {
      CheckEverywhere(DType::kF32, kFirst + 9000, tolerance, QuietUntil(maker));
    }
  }
}

TEST_CASE("blocks of any kind and size in any order") {
  for (const DType dtype : {DType::kF32, DType::kF32, DType::kF32, DType::kBF16, DType::kF16}) {
    static std::size_t seed = 0;
    ++seed;
    INFO(DTypeName(dtype) << " " << seed);
    const auto& kinds = KindsOfPairs();
    const auto any = [&](std::mt19937& random, std::size_t i) {
      const std::size_t hash = (i / kBlock + 1) * 2654435761 * seed >> 7;
      const auto [actual, expected] = kinds[hash % kinds.size()].second(random, i);
      static constexpr double kScales[] = {1, 1e-3, 1e3, 1e-14, 1e-25, 1e14, 1e22};
      const double scale = kScales[(hash >> 8) % 16 < 7 ? (hash >> 8) % 16 : 0];
      return std::pair(actual * scale, expected * scale);
    };
    CheckEverywhere(dtype, kFirst + 90 * kBlock + 77, seed % 2 == 0 ? Tolerance{1e-3, 1e-6} : Tolerance{0, 0.1}, any);
  }
}

TEST_CASE("at the tolerance to the last bit") {
  for (const int step : {-1, 0, 1}) {
    INFO(step);
    const auto at_limit = [step](std::mt19937& random, std::size_t i) {
      const double x = static_cast<double>(1 + random() % 64);
      const double far = step * 0x1p-16 * static_cast<double>(i % 7 == 0);
      return std::pair(x + x * 0x1p-10 + 0x1p-6 + far, x);
    };
    CheckEverywhere(DType::kF32, kFirst + 9 * kBlock, {0x1p-10, 0x1p-6}, QuietUntil(at_limit));
  }
}

TEST_CASE("zeros of two signs are no distance, and zeros of one are far from what is not") {
  const auto zeros = [](std::mt19937& random, std::size_t i) {
    const double kinds[] = {0.0, -0.0, 1.0, -1e-30, 1e-3};
    return std::pair(kinds[random() % 2], kinds[i % 97 == 0 ? random() % 5 : random() % 2]);
  };
  CheckEverywhere(DType::kF32, kFirst + 9000, {0, 0.5}, QuietUntil(zeros));
  CheckEverywhere(DType::kF32, kFirst + 9000, {0, 0.5}, zeros);
}

TEST_CASE("more ULP than ever, with a ratio that is no record") {
  const auto steps = [](std::mt19937&, std::size_t i) {
    return i < kFirst + 5 * kBlock ? std::pair(1 + 0x1p-20, 1.0) : std::pair(1.9375 + 0x1.8p-20, 1.9375);
  };
  CheckEverywhere(DType::kF32, kFirst + 9 * kBlock, DefaultTolerance(DType::kF32), steps);
}

TEST_CASE("sums of squares that single precision cannot hold") {
  for (const double scale : {1e-25, 1e-21, 1e-17, 1e17, 1e21, 1e35}) {
    INFO(scale);
    const auto scaled = [scale](std::mt19937& random, std::size_t) {
      const double x = scale * Normal(random);
      return std::pair(x * (1 + 0.1 * Normal(random)), x);
    };
    CheckEverywhere(DType::kF32, kFirst + 9 * kBlock, {1e-6, 0}, scaled);
  }
}

TEST_CASE("a constant offset, which breaks records by less than single precision tells") {
  for (const double offset : {0.5, 0.1, 1e-3, 1.0}) {
    INFO(offset);
    const auto shifted = [offset](std::mt19937& random, std::size_t) {
      const double x = static_cast<float>(Normal(random));
      return std::pair(x + offset, x);
    };
    CheckEverywhere(DType::kF32, kFirst + 20 * kBlock + 5, DefaultTolerance(DType::kF32), shifted);
  }
}

TEST_CASE("the cosine is right however much longer one side is") {
  for (const double longer : {1e-3, 0.3, 3.0, 1e3, 1e5}) {
    INFO(longer);
    const auto scaled = [longer](std::mt19937& random, std::size_t) {
      const double x = Normal(random);
      return std::pair(longer * x, x);
    };
    CheckEverywhere(DType::kF32, kFirst + 20 * kBlock, DefaultTolerance(DType::kF32), scaled);
  }
}

TEST_CASE("errors so tiny that single precision loses them") {
  for (const double tiny : {1e-44, 1e-38, 1e-33, 1e-29, 1e-27}) {
    INFO(tiny);
    const auto few = [tiny](std::mt19937& random, std::size_t i) {
      const double x = Normal(random);
      if (i % 500 != 0) return std::pair(x * (1 + 3e-7 * Normal(random)), x);
      return std::pair(tiny * static_cast<double>(random() % 9), tiny * static_cast<double>(random() % 3));
    };
    for (const Tolerance& tolerance : {Tolerance{1e-6, 0}, Tolerance{0, tiny}, Tolerance{0.5, tiny}}) {
      CheckEverywhere(DType::kF32, kFirst + 6000, tolerance, few);
    }
  }
}

TEST_CASE("tolerances that no float holds") {
  const auto noise = KindsOfPairs()[1].second;
  for (const Tolerance& tolerance : {Tolerance{1e-42, 1e-45}, Tolerance{1e300, 0}, Tolerance{0, 1e300}}) {
    CheckEverywhere(DType::kF32, kFirst + 3000, tolerance, noise);
  }
}

TEST_CASE("one mismatched element in many blocks is found, whatever came before") {
  for (const std::size_t at : {kFirst + 4 * kBlock, kFirst + 5 * kBlock + 511, kFirst + 8 * kBlock + 99}) {
    const auto one = [at](std::mt19937& random, std::size_t i) {
      const double x = Normal(random);
      return std::pair(i == at ? x + 2e-5 : x, x);
    };
    const Data data = Make(DType::kF32, kFirst + 8 * kBlock + 100, QuietUntil(one));
    OnEveryTarget([&] {
      const Comparison found = RunFast(ViewsOf(DType::kF32, data), {}, NanPolicy::kNeverEqual);
      CHECK(found.mismatched > 0);
      CheckAll(ViewsOf(DType::kF32, data), DefaultTolerance(DType::kF32));
      CheckAll(ViewsOf(DType::kF32, data), {0, 1.9e-5});
    });
  }
}

}  // namespace
}  // namespace torchassay
