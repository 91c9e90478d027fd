#include "validator/base/finding_json.h"

#include <catch2/catch.hpp>
#include <limits>

namespace torchassay {
namespace {

Finding Divergence() {
  Finding finding;
  finding.code = "TA101";
  finding.verdict = Verdict::kProved;
  finding.message = "branch on the value of a tensor is frozen";
  finding.evidence = {{"mismatched", "3 of 4 elements"}};
  finding.notes = {"the example takes the first side"};
  finding.help = "use `torch.where`";
  finding.file = "my_module.py";
  finding.line = 12;
  finding.end_line = 13;
  finding.module = "layer1.0";
  finding.function = "forward";
  finding.statement = "if x.sum() > 0:";
  finding.baked = "True";
  finding.dropped_lines = {15, 16};
  finding.counterexample = "counterexample-1";
  finding.max_abs_error = std::numeric_limits<double>::infinity();
  return finding;
}

TEST_CASE("a finding survives JSON") {
  const Json json = EncodeFinding(Divergence());
  Result<JsonDocument> document = JsonDocument::Parse(json.dump(), "result.json");
  REQUIRE(document.ok());
  const Finding read = DecodeFinding(document->root());
  CHECK(document->status().ok());
  CHECK(EncodeFinding(read) == json);
  CHECK(json["max_abs_error"] == "inf");
}

TEST_CASE("a finding without a source place has the keys all the same") {
  const Json json = EncodeFinding(Finding{});
  for (const char* key :
       {"file", "line", "end_line", "function", "statement", "baked", "counterexample", "max_abs_error"}) {
    CAPTURE(key);
    REQUIRE(json.contains(key));
    CHECK(json[key].is_null());
  }
}

TEST_CASE("an unknown verdict names the ones that are known") {
  Result<JsonDocument> document = JsonDocument::Parse(
      R"({"code": "TA101", "message": "m", "severity": "error", "verdict": "sure"})", "result.json");
  REQUIRE(document.ok());
  DecodeFinding(document->root());
  CHECK_THAT(document->status().message(),
             Catch::Contains("`verdict` must be `proved`, `possible`, `dismissed`, `repaired` or `failed`"));
}

}  // namespace
}  // namespace torchassay
