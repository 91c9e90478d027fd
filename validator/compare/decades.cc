#include "validator/compare/decades.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace torchassay {
namespace {

// Read from text, because only that rounds every power correctly.
double ReadPower(int exponent) {
  if (exponent > kHighestDecade) return std::numeric_limits<double>::infinity();
  if (exponent <= kLowestDecade) return std::numeric_limits<double>::denorm_min();
  return std::strtod(("1e" + std::to_string(exponent)).c_str(), nullptr);
}

}  // namespace

template <typename C>
Powers<C>::Powers() {
  for (int exponent = kLowestDecade; exponent <= kHighestDecade + 1; ++exponent) {
    const double power = ReadPower(exponent);
    const auto rounded = static_cast<C>(power);
    powers_[exponent - kLowestDecade] =
        rounded < power ? std::nextafter(rounded, std::numeric_limits<C>::infinity()) : rounded;
  }
}

template <typename C>
const Powers<C>& Powers<C>::AtLeast() {
  static const Powers powers;
  return powers;
}

template class Powers<float>;
template class Powers<double>;

double PowerOfTen(int exponent) { return Powers<double>::AtLeast()[exponent]; }

int DecadeOf(double error) {
  int decade = static_cast<int>(std::floor(std::log10(error)));
  // The logarithm is rounded: next to a power of ten it may be one off.
  if (error < PowerOfTen(decade)) --decade;
  if (error >= PowerOfTen(decade + 1)) ++decade;
  return decade < kLowestDecade ? kLowestDecade : decade;
}

std::vector<Decade> DecadeCounts::Histogram() const {
  std::vector<Decade> histogram;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) histogram.push_back({static_cast<int>(i) + kLowestDecade, counts_[i]});
  }
  return histogram;
}

}  // namespace torchassay
