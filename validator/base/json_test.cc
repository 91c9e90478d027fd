#include "validator/base/json.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace torchassay {
namespace {

std::string ParseMessage(const std::string& text, const JsonLimits& limits = {}) {
  return ParseJson(text, "f.json", limits).status().message();
}

// The complaint that `read` provokes in a document with this text.
template <typename Read>
std::string Complaint(const std::string& text, Read read) {
  Result<JsonDocument> document = JsonDocument::Parse(text, "f.json");
  REQUIRE(document.ok());
  read(document->root());
  return document->status().message();
}

TEST_CASE("a text that is no JSON is shown with line, column and caret") {
  CHECK(ParseMessage("{\n  \"seed\": 0 \"calls\": []\n}") ==
        "`f.json` line 2, column 13: unexpected string literal; expected '}'\n"
        "   2 |   \"seed\": 0 \"calls\": []\n"
        "     |             ^");
  CHECK(ParseMessage("") ==
        "`f.json` line 1, column 1: unexpected end of input; expected '[', '{', or a literal\n   1 | \n     | ^");
  CHECK(ParseMessage("[1, tru]") == "`f.json` line 1, column 5: invalid literal\n   1 | [1, tru]\n     |     ^");
  CHECK(ParseMessage("[1]\n]") ==
        "`f.json` line 2, column 1: unexpected ']'; expected end of input\n   2 | ]\n     | ^");
}

TEST_CASE("a key twice, endless nesting and too much text are refused") {
  CHECK(ParseMessage("{\"a\": {\"b\": 1, \"b\": 2}}") == "`f.json`: the key `b` stands twice in one object");
  CHECK(ParseMessage(std::string(101, '[')) == "`f.json`: more than 100 levels of nesting");
  CHECK(ParseMessage("[1, 2]", {.depth = 9, .bytes = 5}) ==
        "`f.json` has 6 bytes, more than the 5 bytes that are read");
  CHECK(ParseJson(std::string(100, '[') + std::string(100, ']'), "f.json").ok());
}

TEST_CASE("a number that no double holds, broken UTF-8 and a lone surrogate are refused") {
  CHECK_FALSE(ParseJson("[1e999]", "f.json").ok());
  CHECK_FALSE(ParseJson("[\"\xff\"]", "f.json").ok());
  CHECK_FALSE(ParseJson("[\"\\ud800\"]", "f.json").ok());
}

TEST_CASE("a second byte order mark is refused") {
  CHECK(ParseJson("\xef\xbb\xbf\xef\xbb\xbf[1]", "f.json")
            .status()
            .message()
            .starts_with("`f.json` line 1, column 1: a second byte order mark"));
}

TEST_CASE("a byte order mark is not part of the document") { CHECK(ParseJson("\xef\xbb\xbf[1]", "f.json").ok()); }

TEST_CASE("a member of the wrong kind is named with its path and place") {
  CHECK(Complaint("{\"cases\": [\n  {\"seed\": \"x\"}]}",
                  [](const JsonNode& root) { root.Required("cases").Items()[0].Required("seed").Integer(); }) ==
        "`f.json` line 2, column 12: `cases[0].seed` must be an integer, not the string `x`\n"
        "   2 |   {\"seed\": \"x\"}]}\n"
        "     |            ^");
}

TEST_CASE("a missing member is reported where it should stand, and only once") {
  CHECK(Complaint("{\"a\": {\"x\\\"y\": [1, {}], \"b\": {}}}",
                  [](const JsonNode& root) {
                    const JsonNode missing = root.Required("a").Required("b").Required("c").Required("d");
                    CHECK(missing.Integer() == 0);
                    CHECK(missing.Items().empty());
                    CHECK(missing.path() == "a.b.c.d");
                  }) ==
        "`f.json` line 1, column 30: `a.b` lacks the member `c`\n"
        "   1 | {\"a\": {\"x\\\"y\": [1, {}], \"b\": {}}}\n"
        "     |                              ^");
  CHECK(Complaint("{}", [](const JsonNode& root) { root.Required("cases"); }) ==
        "`f.json` line 1, column 1: the member `cases` is missing\n   1 | {}\n     | ^");
}

TEST_CASE("every getter names what it wanted") {
  const auto message = [](const std::string& text, auto read) {
    const std::string whole = Complaint(text, read);
    return whole.substr(0, whole.find('\n'));
  };
  const std::string start = "`f.json` line 1, column 1: the document must be ";
  CHECK(message("1", [](const JsonNode& n) { (void)n.String(); }) == start + "a string, not 1");
  CHECK(message("null", [](const JsonNode& n) { (void)n.Bool(); }) == start + "true or false, not null");
  CHECK(message("1.5", [](const JsonNode& n) { (void)n.Integer(); }) == start + "an integer, not 1.5");
  CHECK(message("18446744073709551615", [](const JsonNode& n) { (void)n.Integer(); }) ==
        start + "an integer of 64 bits, not 18446744073709551615");
  CHECK(message("true", [](const JsonNode& n) { (void)n.Number(); }) == start + "a number, not true");
  CHECK(message("{}", [](const JsonNode& n) { (void)n.Items(); }) == start + "an array, not an object");
  CHECK(message("[]", [](const JsonNode& n) { (void)n.Members(); }) == start + "an object, not an empty array");
}

TEST_CASE("numbers that JSON lacks are strings") {
  Result<JsonDocument> document = JsonDocument::Parse("[\"nan\", \"-inf\", 2]", "f.json");
  REQUIRE(document.ok());
  const std::vector<JsonNode> items = document->root().Items();
  CHECK(std::isnan(items[0].Number()));
  CHECK(items[1].Number() == -std::numeric_limits<double>::infinity());
  CHECK(items[2].Number() == 2);
  CHECK(document->status().ok());
}

TEST_CASE("a null member is absent") {
  Result<JsonDocument> document = JsonDocument::Parse("{\"a\": null}", "f.json");
  REQUIRE(document.ok());
  CHECK_FALSE(document->root().Optional("a"));
  CHECK(document->status().ok());
}

TEST_CASE("text that is no UTF-8 is written with replacements, not thrown") {
  CHECK(DumpJson(Json("\xff")) == "\"\xef\xbf\xbd\"");
}

TEST_CASE("what stands behind a NUL character is no comment") {
  const Result<Json> parsed = ParseJson(std::string_view("{}\0{\"a\": 1}", 11), "a.json");
  CHECK_THAT(parsed.status().message(), Catch::Contains("a NUL character"));
}

}  // namespace
}  // namespace torchassay
