#include "validator/base/sha256.h"

#include <catch2/catch.hpp>
#include <string_view>

namespace torchassay {
namespace {

std::string Of(std::string_view text) { return Sha256(std::as_bytes(std::span(text))); }

TEST_CASE("the digests of the standard's examples") {
  CHECK(Of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace torchassay
