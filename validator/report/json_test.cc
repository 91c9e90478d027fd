#include "validator/report/json.h"

#include <catch2/catch.hpp>

#include "validator/report/fixture_report.h"

namespace torchassay {
namespace {

TEST_CASE("a report survives JSON") {
  const std::string text = RenderJson(FixtureReport());
  Result<Report> read = ParseReport(text, "result.json");
  REQUIRE(read.status().ToString() == Status().ToString());
  CHECK(RenderJson(*read) == text);
}

TEST_CASE("two runs of the same thing differ under one key only") {
  Report again = FixtureReport();
  again.created = "2027-01-01T00:00:00Z";
  again.models[0].measured = {};
  Json first = Json::parse(RenderJson(FixtureReport()));
  Json second = Json::parse(RenderJson(again));
  CHECK(first["time"] != second["time"]);
  first.erase("time");
  second.erase("time");
  CHECK(first == second);
}

TEST_CASE("a finding has every key that its readers rely on") {
  const Json json = Json::parse(RenderJson(FixtureReport()));
  for (const Json& finding : json["findings"]) {
    for (const char* key :
         {"code", "verdict", "severity", "file", "line", "end_line", "module", "function", "statement", "baked",
          "dropped_lines", "counterexample", "max_abs_error", "message", "help", "model", "case", "output", "fails"}) {
      CAPTURE(key);
      CHECK(finding.contains(key));
    }
  }
}

TEST_CASE("a result of a newer version is refused, and says so") {
  const Result<Report> read = ParseReport("{\"schema_version\": 2}", "result.json");
  CHECK(read.status().code() == StatusCode::kUnreadable);
  CHECK(read.status().finding_code() == "TA212");
  CHECK_THAT(read.status().message(), Catch::Contains("written by a newer version of torchassay"));
}

TEST_CASE("a file that is no result is a message with its place") {
  const Result<Report> read = ParseReport("{\"schema_version\": 1,\n \"verdict\": 3}", "result.json");
  CHECK_THAT(read.status().message(), Catch::Contains("`result.json`"));
}

}  // namespace
}  // namespace torchassay
