#include "validator/manifest/bundle_path.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("plain relative paths are inside") {
  CHECK(WhyOutside("model.pt") == "");
  CHECK(WhyOutside("cases/000.safetensors") == "");
  CHECK(WhyOutside("..model/a..b") == "");
}

TEST_CASE("every way out of a bundle has its words") {
  CHECK(WhyOutside("") == "is empty");
  CHECK(WhyOutside("/etc/passwd") == "is absolute");
  CHECK(WhyOutside("C:/x") == "is absolute");
  CHECK(WhyOutside("..") == "leaves the bundle with `..`");
  CHECK(WhyOutside("cases/../../x") == "leaves the bundle with `..`");
  CHECK(WhyOutside("a\\..\\b") == "has a backslash");
  CHECK(WhyOutside("a//b") == "has an empty part or a `.`");
  CHECK(WhyOutside("./a") == "has an empty part or a `.`");
  CHECK(WhyOutside("a/") == "ends with a slash");
  CHECK(WhyOutside(std::string("a\0b", 3)) == "has a control character");
}

}  // namespace
}  // namespace torchassay
