#include "validator/compare/compare.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "validator/base/file.h"
#include "validator/base/json.h"
#include "validator/compare/json_elements.h"

namespace torchassay {
namespace {

Comparison RunVector(const JsonNode& vector) {
  const DType dtype = *ParseDType(vector.Required("dtype").String());
  const std::vector<std::byte> actual = ElementsFromJson(dtype, vector.Required("actual"));
  const std::vector<std::byte> expected = ElementsFromJson(dtype, vector.Required("expected"));
  const Shape shape = {static_cast<std::int64_t>(expected.size() / DTypeSize(dtype))};
  CompareOptions options;
  if (const auto rtol = vector.Optional("rtol"))
    options.tolerance = Tolerance{rtol->Number(), vector.Required("atol").Number()};
  const auto equal_nan = vector.Optional("equal_nan");
  if (equal_nan && equal_nan->Bool()) options.nan_policy = NanPolicy::kEqualWhereExpected;
  return Compare({dtype, shape, actual}, {dtype, shape, expected}, options);
}

void CheckNumber(const JsonNode& vector, const std::string& key, const std::optional<double>& found) {
  if (!vector.json().contains(key)) return;
  INFO(key);
  if (vector.json()[key].is_null()) {
    CHECK_FALSE(found);
  } else {
    REQUIRE(found);
    CHECK(*found == Approx(vector.Required(key).Number()).epsilon(1e-12));
  }
}

void CheckCount(const JsonNode& vector, const std::string& key, std::int64_t found) {
  INFO(key);
  if (const auto wanted = vector.Optional(key)) CHECK(found == wanted->Integer());
}

TEST_CASE("every vector of the shared table") {
  const Result<std::string> text = RealFileSystem().Read("testdata/compare/vectors.json");
  REQUIRE(text.ok());
  const Result<JsonDocument> document = JsonDocument::Parse(*text, "vectors.json");
  REQUIRE(document.ok());
  const std::vector<JsonNode> vectors = document->root().Required("vectors").Items();
  CHECK(vectors.size() > 40);
  for (const JsonNode& vector : vectors) {
    INFO(vector.Required("name").String());
    const Comparison found = RunVector(vector);
    CHECK(found.passed == vector.Required("passed").Bool());
    CheckCount(vector, "mismatched", found.mismatched);
    CheckCount(vector, "nan_both", found.non_finite.nan_both);
    CheckCount(vector, "nan_actual", found.non_finite.nan_actual);
    CheckCount(vector, "nan_expected", found.non_finite.nan_expected);
    CheckCount(vector, "inf_both", found.non_finite.inf_both);
    CheckCount(vector, "inf_opposite", found.non_finite.inf_opposite);
    CheckCount(vector, "inf_actual", found.non_finite.inf_actual);
    CheckCount(vector, "inf_expected", found.non_finite.inf_expected);
    CheckCount(vector, "max_ulp", static_cast<std::int64_t>(found.max_ulp.value_or(0)));
    CheckNumber(vector, "max_abs_error", found.max_abs_error);
    CheckNumber(vector, "max_rel_error", found.max_rel_error);
    CheckNumber(vector, "needed_atol", found.needed_atol);
    CheckNumber(vector, "needed_rtol", found.needed_rtol);
  }
  CHECK(document->status().message() == "");
}

TensorView Floats(const std::vector<float>& data, Shape shape) {
  return {DType::kF32, std::move(shape), std::as_bytes(std::span(data))};
}

TEST_CASE("the worst elements come first, at most ten, with index and both values") {
  std::vector<float> actual(60, 0), expected(60, 0);
  for (int i = 0; i < 12; ++i) actual[i * 5] = static_cast<float>(1 + (i * 7) % 12);
  const Comparison found = Compare(Floats(actual, {3, 20}), Floats(expected, {3, 20}), {});
  REQUIRE(found.worst.size() == 10);
  CHECK(found.mismatched == 12);
  CHECK(found.worst[0].error == 12);
  CHECK(found.worst[9].error == 3);
  CHECK(IndexText(found.worst[0].index) == "[1, 5]");
  CHECK(std::get<double>(found.worst[0].actual) == 12);
  CHECK(std::get<double>(found.worst[0].expected) == 0);
  CHECK(found.max_abs->index == found.worst[0].index);
}

TEST_CASE("mean, RMS, cosine and histogram") {
  const std::vector<float> actual = {1.5f, 2, 3, 3.96875f}, expected = {1, 2, 3, 4};
  const Comparison found = Compare(Floats(actual, {4}), Floats(expected, {4}), {});
  CHECK(found.mean_error == 0.1328125);
  CHECK(found.rms_error == Approx(std::sqrt((0.25 + 0.0009765625) / 4)));
  CHECK(*found.cosine == Approx((1.5 + 4 + 9 + 15.875) / std::sqrt(30.0 * (2.25 + 4 + 9 + 15.7509765625))));
  CHECK(found.histogram == std::vector<Decade>{{-2, 1}, {-1, 1}});
  CHECK(found.differing == 2);
}

TEST_CASE("a 0-d tensor has an index without numbers") {
  const std::vector<float> actual = {1}, expected = {2};
  const Comparison found = Compare(Floats(actual, {}), Floats(expected, {}), {});
  CHECK(found.compared == 1);
  CHECK(IndexText(found.worst.at(0).index) == "[]");
}

TEST_CASE("vectors without direction have no cosine") {
  const std::vector<float> zeros = {0, 0}, ones = {1, 1};
  CHECK_FALSE(Compare(Floats(ones, {2}), Floats(zeros, {2}), {}).cosine);
  CHECK(*Compare(Floats(ones, {2}), Floats(ones, {2}), {}).cosine == 1);
}

TEST_CASE("bytes that are not aligned are compared all the same") {
  std::vector<std::byte> bytes(4097 * 4 + 1);
  const TensorView view = {DType::kF32, {4097}, std::span(bytes).subspan(1)};
  CHECK(Compare(view, view, {}).passed);
}

}  // namespace
}  // namespace torchassay
