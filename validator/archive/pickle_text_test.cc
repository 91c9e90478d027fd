#include "validator/archive/pickle_text.h"

#include <catch2/catch.hpp>
#include <span>

#include "validator/archive/pickle_machine.h"

namespace torchassay {
namespace {

// A pickle of one text, as `PickleText` shows it with at most ten bytes.
std::string Shown(const std::string& text) {
  std::string bytes = "\x80\x02X";
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(text.size() >> (8 * i) & 0xff);
  bytes += text + ".";
  const auto pickle = ParsePickle(std::as_bytes(std::span(bytes)), {});
  REQUIRE(pickle.ok());
  return PickleText(*pickle, pickle->root(), 10);
}

TEST_CASE("a long text is cut") {
  CHECK(Shown("short") == "\"short\"");
  CHECK(Shown("0123456789abcdef") == "\"012345678…");
}

TEST_CASE("a text is cut between two characters") {
  CHECK(Shown("01234567éßüöäé") == "\"01234567…");  // the é would end beyond the tenth byte
  CHECK(Shown("0123456éßüöäéé") == "\"0123456é…");
}

TEST_CASE("a text of nothing but bytes that continue a character is cut without reading before its start") {
  CHECK(Shown(std::string(40, '\x80')) == "…");
}

}  // namespace
}  // namespace torchassay
