#include "validator/session/source_excerpt.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("an excerpt has two lines around what it shows") {
  const auto excerpt = CutExcerpt("1\n2\n3\n4\n5\n6\n7\n", 4, 4);
  REQUIRE(excerpt);
  CHECK(excerpt->first_line == 2);
  CHECK(excerpt->lines == std::vector<std::string>{"2", "3", "4", "5", "6"});
}

TEST_CASE("an excerpt ends with the text") {
  const auto excerpt = CutExcerpt("1\n2\n3", 1, 9);
  REQUIRE(excerpt);
  CHECK(excerpt->first_line == 1);
  CHECK(excerpt->lines.size() == 3);
  CHECK_FALSE(CutExcerpt("1\n2\n3", 4, 4));
  CHECK_FALSE(CutExcerpt("", 1, 1));
}

}  // namespace
}  // namespace torchassay
