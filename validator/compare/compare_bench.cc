// How fast Compare is against a plain read of the same memory: one JSON line for each kind of data.
//
//   compare_bench [MEBIBYTES of one side, default 256] [TIMES, default 7] [KIND of data, default all]

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

#include "validator/compare/compare.h"

namespace torchassay {
namespace {

using Clock = std::chrono::steady_clock;
using Change = std::function<float(float value, std::size_t position)>;

// Adds up both sides, as fast as this processor can: what any look at the data must at least cost.
__attribute__((optimize("O3"), target_clones("avx512f", "avx2", "default"))) std::uint64_t ReadBoth(
    const std::uint64_t* a, const std::uint64_t* b, std::size_t count) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += a[i] + b[i];
  return sum;
}

template <typename Work>
double Seconds(Work work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Sides {
  std::vector<float> actual, expected;
};

TensorView View(const std::vector<float>& data) {
  return {DType::kF32, {static_cast<std::int64_t>(data.size())}, std::as_bytes(std::span(data))};
}

// Reading and comparing take turns, so that whatever else the machine does falls on both; interference only adds,
// so the quickest of several counts.
void Measure(const char* name, Sides& sides, const Change& change, int times) {
  for (std::size_t i = 0; i < sides.actual.size(); ++i) sides.actual[i] = change(sides.expected[i], i);
  double read = std::numeric_limits<double>::infinity();
  double compare = read;
  std::uint64_t sink = 0;
  std::int64_t mismatched = 0;
  const auto* a = reinterpret_cast<const std::uint64_t*>(sides.actual.data());
  const auto* e = reinterpret_cast<const std::uint64_t*>(sides.expected.data());
  for (int i = 0; i < times; ++i) {
    read = std::min(read, Seconds([&] { sink += ReadBoth(a, e, sides.actual.size() / 2); }));
    compare = std::min(compare,
                       Seconds([&] { mismatched = Compare(View(sides.actual), View(sides.expected), {}).mismatched; }));
  }
  std::printf("{\"data\": \"%s\", \"bytes\": %zu, \"read_s\": %.6f, \"compare_s\": %.6f, \"mismatched\": %lld}\n", name,
              sides.actual.size() * 8, read, compare, static_cast<long long>(mismatched));
  std::fflush(stdout);
  if (sink == 1) std::puts("");  // keeps the reads alive
}

void MeasureKinds(std::size_t count, int times, std::string_view kind) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  constexpr std::size_t kMask = (1 << 20) - 1;
  std::vector<float> noise(kMask + 1);
  for (float& value : noise) value = normal(random);
  Sides sides = {std::vector<float>(count), std::vector<float>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    sides.expected[i] = noise[i & kMask] * (1 + 0.01f * static_cast<float>(i >> 20));
  }
  const auto other = [&noise](std::size_t i) { return noise[(i * 7) & kMask]; };
  const auto measure = [&](const char* name, const Change& change) {
    if (kind.empty() || kind == name) Measure(name, sides, change, times);
  };
  measure("equal", [](float v, std::size_t) { return v; });
  measure("noise within tolerance", [&](float v, std::size_t i) { return v * (1 + 2e-7f * other(i)); });
  measure("beyond tolerance everywhere", [&](float v, std::size_t i) { return v * (1 + 1e-2f * other(i)); });
  measure("constant offset", [](float v, std::size_t) { return v + 0.5f; });
  measure("a NaN in every thousand",
          [](float v, std::size_t i) { return i % 1000 == 0 ? std::numeric_limits<float>::quiet_NaN() : v; });
}

}  // namespace
}  // namespace torchassay

int main(int argc, char** argv) {
  const long mebibytes = argc > 1 ? std::atol(argv[1]) : 256;
  const int times = argc > 2 ? std::atoi(argv[2]) : 7;
  if (mebibytes < 1 || times < 1) {
    std::fputs("usage: compare_bench [MEBIBYTES] [TIMES] [KIND]\n", stderr);
    return 4;
  }
  torchassay::MeasureKinds(static_cast<std::size_t>(mebibytes) << 18, times, argc > 3 ? argv[3] : "");
  return 0;
}
