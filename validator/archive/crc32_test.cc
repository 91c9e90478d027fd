#include "validator/archive/crc32.h"

#include <catch2/catch.hpp>
#include <string>

namespace torchassay {
namespace {

std::uint32_t Of(const std::string& text) { return Crc32(std::as_bytes(std::span(text))); }

TEST_CASE("the checksum of the standard's example") { CHECK(Of("123456789") == 0xcbf43926u); }

TEST_CASE("a checksum continues from the one before") {
  const std::string second = "6789";
  CHECK(Crc32(std::as_bytes(std::span(second)), Of("12345")) == 0xcbf43926u);
}

TEST_CASE("checksums of parts combine to that of the whole") {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string second = text.substr(cut);
    CHECK(CombineCrc32(Of(text.substr(0, cut)), Of(second), second.size()) == Of(text));
  }
}

}  // namespace
}  // namespace torchassay
