// Decades: counts of errors by power of ten.

#ifndef VALIDATOR_COMPARE_DECADES_H_
#define VALIDATOR_COMPARE_DECADES_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "validator/compare/comparison.h"

namespace torchassay {

constexpr int kLowestDecade = -324;  // the smallest double is 4.9e-324
constexpr int kHighestDecade = 308;

// 10^exponent; infinite above kHighestDecade. 10^-324 is the smallest double, which is a little more.
double PowerOfTen(int exponent);
// By exponent, the smallest number of the computing type that is not below 10^exponent. Below kLowestDecade it is the
// smallest number there is, above kHighestDecade an infinity.
template <typename C>
class Powers final {
 public:
  static const Powers& AtLeast();
  C operator[](int exponent) const {
    return powers_[std::clamp(exponent, kLowestDecade, kHighestDecade + 1) - kLowestDecade];
  }

 private:
  Powers();
  std::array<C, kHighestDecade - kLowestDecade + 2> powers_;
};
extern template class Powers<float>;
extern template class Powers<double>;

// The decade of an error: PowerOfTen(n) <= error < PowerOfTen(n + 1). REQUIRES: error > 0, finite.
int DecadeOf(double error);

class DecadeCounts final {
 public:
  void Add(int exponent, std::int64_t count) { counts_[static_cast<std::size_t>(exponent - kLowestDecade)] += count; }
  // Those that occur, ascending.
  std::vector<Decade> Histogram() const;

 private:
  std::array<std::int64_t, kHighestDecade - kLowestDecade + 1> counts_ = {};
};

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_DECADES_H_
