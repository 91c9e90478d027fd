#include "validator/signature/spec.h"

#include <catch2/catch.hpp>

#include "validator/base/file.h"
#include "validator/base/json.h"
#include "validator/signature/spec_json.h"

namespace torchassay {
namespace {

Json Table() {
  Result<std::string> text = RealFileSystem().Read("testdata/specs/input_specs.json");
  REQUIRE(text.ok());
  Result<Json> table = ParseJson(*text, "input_specs.json");
  REQUIRE(table.ok());
  return *std::move(table);
}

TEST_CASE("every good spec of the shared table means what the converter says it means") {
  const Json table = Table();
  for (const Json& row : table["good"]) {
    const std::string text = row["text"];
    CAPTURE(text);
    const Result<InputSpec> spec = ParseInputSpec(text);
    REQUIRE(spec.ok());
    CHECK(PrintInputSpec(*spec) == row["canonical"].get<std::string>());
    CHECK(DumpJson(EncodeInputSpec(*spec)) == DumpJson(row["spec"]));
  }
}

TEST_CASE("the canonical text of a good spec reads back as the same spec") {
  const Json table = Table();
  for (const Json& row : table["good"]) {
    const Result<InputSpec> spec = ParseInputSpec(row["text"].get<std::string>());
    REQUIRE(spec.ok());
    const Result<InputSpec> again = ParseInputSpec(PrintInputSpec(*spec));
    REQUIRE(again.ok());
    CHECK(DumpJson(EncodeInputSpec(*again)) == DumpJson(row["spec"]));
  }
}

TEST_CASE("a spec survives the way through JSON") {
  const Json table = Table();
  for (const Json& row : table["good"]) {
    CAPTURE(row["text"].get<std::string>());
    Result<JsonDocument> document = JsonDocument::Parse(DumpJson(row["spec"]), "spec");
    REQUIRE(document.ok());
    const InputSpec spec = DecodeInputSpec(document->root());
    CHECK(document->status().ok());
    CHECK(DumpJson(EncodeInputSpec(spec)) == DumpJson(row["spec"]));
  }
}

TEST_CASE("every bad spec of the shared table is refused at the same place with the same words") {
  const Json table = Table();
  for (const Json& row : table["bad"]) {
    const std::string text = row["text"];
    CAPTURE(text);
    const auto scanned = ScanInputSpec(text);
    const SpecError* error = std::get_if<SpecError>(&scanned);
    REQUIRE(error != nullptr);
    CHECK(error->message == row["message"].get<std::string>());
    CHECK(error->position == row["position"].get<std::size_t>());
    CHECK(error->help == (row["help"].is_null() ? "" : row["help"].get<std::string>()));
  }
}

TEST_CASE("a refused spec is a usage error with a caret under the wrong place") {
  CHECK(ParseInputSpec("x=f23[3]").status().ToString() ==
        "error[TA310]: unknown dtype `f23`\n  x=f23[3]\n    ^\n = help: did you mean `f32`");
}

TEST_CASE("sizes that only inference knows print as stars and lower bounds") {
  TensorSpec spec;
  spec.dims.resize(3);
  spec.dims[0].symbol = std::string("N");
  spec.dims[2].lo = 32;
  spec.dims[2].hi = kNoLargestSize;
  CHECK(PrintValueSpec(spec) == "f32[N,*,>=32]");
  CHECK(DescribeSpec(spec) == "3-D f32[N,*,>=32]");
}

TEST_CASE("a fill stands before the spec") {
  const Result<FilledSpec> filled = ParseFilledSpec("arange:x=i64[2,3]");
  REQUIRE(filled.ok());
  CHECK(filled->fill == Fill::kArange);
  CHECK(PrintInputSpec(filled->spec) == "x=i64[2,3]");
}

TEST_CASE("a constant needs no fill") {
  REQUIRE(ParseFilledSpec("times=3").ok());
  REQUIRE(ParseFilledSpec("mode=\"a:b\"").ok());
}

TEST_CASE("a tensor without a fill is refused with a way out") {
  const Status status = ParseFilledSpec("x=f32[20]").status();
  CHECK(status.message() == "`x=f32[20]` does not say how to fill it");
  CHECK(status.help() == "put ones, zeros, randn, rand, arange and a colon in front: `randn:x=f32[20]`");
}

TEST_CASE("a wrong fill is refused with the nearest right one") {
  const Status status = ParseFilledSpec("one:x=f32[20]").status();
  CHECK(status.message() == "unknown fill `one`");
  CHECK(status.help() == "did you mean `ones`?");
}

}  // namespace
}  // namespace torchassay
