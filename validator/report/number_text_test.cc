#include "validator/report/number_text.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace torchassay {
namespace {

TEST_CASE("an error has two significant digits, and none is a plain zero") {
  CHECK(ErrorText(0.00031) == "3.1e-04");
  CHECK(ErrorText(0) == "0");
  CHECK(ErrorText(std::nan("")) == "nan");
  CHECK(ErrorText(INFINITY) == "inf");
}

TEST_CASE("a share says how many of how many, and the percentage where there is one") {
  CHECK(ShareText(37, 4000, "elements") == "37 of 4000 elements (0.9 %)");
  CHECK(ShareText(0, 4000, "elements") == "0 of 4000 elements");
}

TEST_CASE("durations change their unit at a second") {
  CHECK(DurationText(0.75) == "0.75 ms");
  CHECK(DurationText(12.34) == "12.3 ms");
  CHECK(DurationText(250.4) == "250 ms");
  CHECK(DurationText(1204) == "1.20 s");
}

TEST_CASE("digits stand in groups of three") {
  CHECK(GroupedText(0) == "0");
  CHECK(GroupedText(999) == "999");
  CHECK(GroupedText(11689512) == "11,689,512");
  CHECK(GroupedText(-1000) == "-1,000");
}

}  // namespace
}  // namespace torchassay
