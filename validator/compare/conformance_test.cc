// The battery of pairs that must not pass by accident, through the files that `compare` reads.

#include <catch2/catch.hpp>
#include <deque>

#include "validator/base/fake_file_system.h"
#include "validator/base/file.h"
#include "validator/base/json.h"
#include "validator/compare/compare_values.h"
#include "validator/compare/json_elements.h"
#include "validator/tensor/safetensors.h"

namespace torchassay {
namespace {

std::string FileOf(const JsonNode& side) {
  std::deque<std::vector<std::byte>> data;
  NamedTensors tensors;
  for (const auto& [name, node] : side.Members()) {
    const DType dtype = *ParseDType(node.Required("dtype").String());
    Shape shape;
    for (const JsonNode& size : node.Required("shape").Items()) shape.push_back(size.Integer());
    data.push_back(ElementsFromJson(dtype, node.Required("values")));
    tensors.emplace_back(name, TensorView{dtype, shape, data.back()});
  }
  return *SerializeSafetensors(tensors);
}

CompareValuesOptions OptionsOf(const JsonNode& pair) {
  CompareValuesOptions options;
  const auto equal_nan = pair.Optional("equal_nan");
  const bool nan_matches = equal_nan && equal_nan->Bool();
  options.nan_policy = nan_matches ? NanPolicy::kEqualWhereExpected : NanPolicy::kNeverEqual;
  if (const auto rtol = pair.Optional("rtol")) {
    const Tolerance tolerance = {rtol->Number(), pair.Required("atol").Number()};
    options.tolerance_of = [tolerance](const std::string&, DType) { return tolerance; };
  }
  return options;
}

std::string VerdictOf(const ValuesResult& result) {
  if (!result.passed()) return "fail";
  return result.compared == 0 ? "nothing" : "pass";
}

TEST_CASE("every pair of the battery gets the right verdict, with its own codes") {
  const Result<std::string> text = RealFileSystem().Read("testdata/conformance/battery.json");
  REQUIRE(text.ok());
  const Result<JsonDocument> document = JsonDocument::Parse(*text, "battery.json");
  REQUIRE(document.ok());
  for (const JsonNode& pair : document->root().Required("pairs").Items()) {
    INFO(pair.Required("name").String());
    FakeFileSystem files;
    files.Add("actual", FileOf(pair.Required("actual")));
    files.Add("expected", FileOf(pair.Required("expected")));
    const Result<TensorFile> actual = TensorFile::Open(files, "actual");
    const Result<TensorFile> expected = TensorFile::Open(files, "expected");
    REQUIRE(actual.status().message() == "");
    REQUIRE(expected.status().message() == "");
    const ValuesResult result = CompareTensorFiles(*actual, *expected, OptionsOf(pair));
    CHECK(VerdictOf(result) == pair.Required("verdict").String());
    Json codes = Json::array();
    for (const OutputResult& output : result.outputs) {
      for (const Finding& finding : output.findings) codes.push_back(finding.code);
    }
    CHECK(codes == pair.Required("codes").json());
  }
  CHECK(document->status().message() == "");
}

}  // namespace
}  // namespace torchassay
