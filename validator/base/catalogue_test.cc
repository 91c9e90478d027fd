#include "validator/base/catalogue.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("the catalogue is built in, ascending, each entry whole") {
  REQUIRE(Catalogue().size() >= 12);
  for (std::size_t i = 0; i < Catalogue().size(); ++i) {
    const CatalogueEntry& entry = Catalogue()[i];
    INFO(entry.code);
    CHECK((i == 0 || Catalogue()[i - 1].code < entry.code));
    CHECK_FALSE(entry.name.empty());
    CHECK_FALSE(entry.title.empty());
    CHECK_FALSE(entry.explanation.empty());
    CHECK((entry.severity == "error" || entry.severity == "warning" || entry.severity == "note"));
  }
}

TEST_CASE("a code is found by its code in any case, or by its name") {
  REQUIRE(FindCode("TA101") != nullptr);
  CHECK(FindCode("ta101") == FindCode("TA101"));
  CHECK(FindCode(FindCode("TA101")->name) == FindCode("TA101"));
  CHECK(FindCode("TA999") == nullptr);
  CHECK(ClosestCode("TA1O1") == "TA101");
}

}  // namespace
}  // namespace torchassay
