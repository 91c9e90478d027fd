#include "validator/base/text_position.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("columns count characters, not bytes") {
  const TextPosition position = PositionOf("one\näö x", 9);
  CHECK(position.line == 2);
  CHECK(position.column == 4);
  CHECK(PositionOf("ab", 99).column == 3);
}

TEST_CASE("the caret stands under the place, also behind tabs and wide text") {
  CHECK(CaretExcerpt("{\n\t\"ä\" 1\n}", 8) == "   2 |  \"ä\" 1\n     |      ^");
  CHECK(CaretExcerpt("", 0) == "   1 | \n     | ^");
}

TEST_CASE("a long line is cut on both sides") {
  const std::string line(200, 'x');
  CHECK(CaretExcerpt(line, 100) == "   1 | …" + std::string(80, 'x') + "…\n     |  " + std::string(50, ' ') + "^");
}

}  // namespace
}  // namespace torchassay
