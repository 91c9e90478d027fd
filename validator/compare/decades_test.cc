#include "validator/compare/decades.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace torchassay {
namespace {

TEST_CASE("every power of ten begins its own decade") {
  for (int n = kLowestDecade; n <= kHighestDecade; ++n) {
    INFO(n);
    CHECK(DecadeOf(PowerOfTen(n)) == n);
    if (n > -323) CHECK(DecadeOf(std::nextafter(PowerOfTen(n), 0)) == n - 1);
  }
  CHECK(DecadeOf(std::numeric_limits<double>::denorm_min()) == kLowestDecade);
  CHECK(DecadeOf(std::numeric_limits<double>::max()) == kHighestDecade);
}

TEST_CASE("the bound of a narrower type is not below the power") {
  for (int n = -44; n <= 38; ++n) {
    CHECK(static_cast<double>(Powers<float>::AtLeast()[n]) >= PowerOfTen(n));
    CHECK(static_cast<double>(std::nextafter(Powers<float>::AtLeast()[n], 0.0f)) < PowerOfTen(n));
  }
}

TEST_CASE("only decades that occur are listed, ascending") {
  DecadeCounts counts;
  counts.Add(-3, 2);
  counts.Add(-7, 1);
  CHECK(counts.Histogram() == std::vector<Decade>{{-7, 1}, {-3, 2}});
}

}  // namespace
}  // namespace torchassay
