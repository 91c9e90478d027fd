#include "validator/compare/comparison_json.h"

#include <catch2/catch.hpp>
#include <limits>

#include "validator/compare/compare.h"

namespace torchassay {
namespace {

template <typename T>
TensorView View(DType dtype, const std::vector<T>& data) {
  return {dtype, {static_cast<std::int64_t>(data.size())}, std::as_bytes(std::span(data))};
}

void CheckRoundTrip(const Comparison& comparison) {
  const Json json = EncodeComparison(comparison);
  Result<JsonDocument> document = JsonDocument::Parse(DumpJson(json), "c.json");
  REQUIRE(document.ok());
  const Comparison decoded = DecodeComparison(document->root());
  CHECK(document->status().message() == "");
  CHECK(DumpJson(EncodeComparison(decoded)) == DumpJson(json));
}

TEST_CASE("a comparison of any dtype survives a round trip") {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> actual = {1, 2, inf, 4, std::numeric_limits<float>::quiet_NaN()};
  const std::vector<float> expected = {1, 2.5, 3, 0, 5};
  CheckRoundTrip(Compare(View(DType::kF32, actual), View(DType::kF32, expected), {}));
  const std::vector<std::int64_t> ints = {std::numeric_limits<std::int64_t>::max(), 0};
  const std::vector<std::int64_t> other = {std::numeric_limits<std::int64_t>::min(), 0};
  CheckRoundTrip(Compare(View(DType::kI64, ints), View(DType::kI64, other), {}));
  const std::vector<std::complex<double>> a = {{1, 2}};
  const std::vector<std::complex<double>> b = {{1, 3}};
  CheckRoundTrip(Compare(View(DType::kC128, a), View(DType::kC128, b), {}));
  const std::vector<std::uint8_t> yes = {1}, no = {0};
  CheckRoundTrip(Compare(View(DType::kBool, yes), View(DType::kBool, no), {}));
}

TEST_CASE("the keys of a comparison are a contract") {
  const std::vector<float> data = {1};
  const Json json = EncodeComparison(Compare(View(DType::kF32, data), View(DType::kF32, data), {}));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{
                    "atol",       "compared",   "cosine",        "differing",   "dtype",         "equal_nan",
                    "histogram",  "max_abs",    "max_abs_error", "max_rel",     "max_rel_error", "max_ulp",
                    "mean_error", "mismatched", "needed_atol",   "needed_rtol", "non_finite",    "non_finite_first",
                    "passed",     "rms_error",  "rtol",          "shape",       "worst"});
}

}  // namespace
}  // namespace torchassay
