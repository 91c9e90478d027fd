#include "validator/base/closest.h"

#include <catch2/catch.hpp>
#include <vector>

namespace torchassay {
namespace {

const std::vector<std::string> kCommands = {"bench", "check", "compare", "convert", "inspect", "validate"};

TEST_CASE("a slip of the finger finds the word that was meant") {
  CHECK(ClosestMatch("chekc", kCommands) == "check");
  CHECK(ClosestMatch("CHECK", kCommands) == "check");
  CHECK(ClosestMatch("validte", kCommands) == "validate");
  CHECK(ClosestMatch("comp", kCommands) == "compare");
}

TEST_CASE("a word that is near to nothing finds nothing") {
  CHECK_FALSE(ClosestMatch("frobnicate", kCommands));
  CHECK_FALSE(ClosestMatch("", kCommands));
  CHECK_FALSE(ClosestMatch("check", {}));
  CHECK_FALSE(ClosestMatch(std::string(100000, 'x'), kCommands));
}

TEST_CASE("the suggestion is a question, or nothing") {
  CHECK(DidYouMean("inspekt", kCommands) == "did you mean `inspect`?");
  CHECK(DidYouMean("qqqq", kCommands).empty());
}

}  // namespace
}  // namespace torchassay
