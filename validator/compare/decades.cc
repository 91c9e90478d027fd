#include "validator/compare/decades.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace torchassay {
namespace {

constexpr int kPowers = kHighestDecade - kLowestDecade + 1;

// Read from text, because only that rounds every power correctly.
std::array<double, kPowers> MakePowers() {
  std::array<double, kPowers> powers;
  for (int i = 0; i < kPowers; ++i)
    powers[i] = std::strtod(("1e" + std::to_string(i + kLowestDecade)).c_str(), nullptr);
  powers[0] = std::numeric_limits<double>::denorm_min();
  return powers;
}

}  // namespace

double PowerOfTen(int exponent) {
  static const std::array<double, kPowers> powers = MakePowers();
  if (exponent > kHighestDecade) return std::numeric_limits<double>::infinity();
  return powers[exponent < kLowestDecade ? 0 : exponent - kLowestDecade];
}

int DecadeOf(double error) {
  int decade = static_cast<int>(std::floor(std::log10(error)));
  // The logarithm is rounded: next to a power of ten it may be one off.
  if (error < PowerOfTen(decade)) --decade;
  if (error >= PowerOfTen(decade + 1)) ++decade;
  return decade < kLowestDecade ? kLowestDecade : decade;
}

std::vector<Decade> DecadeCounts::Histogram() const {
  std::vector<Decade> histogram;
  for (int i = 0; i < kPowers; ++i) {
    if (counts_[i] > 0) histogram.push_back({i + kLowestDecade, counts_[i]});
  }
  return histogram;
}

}  // namespace torchassay
