#include "validator/signature/provided.h"

#include <catch2/catch.hpp>

#include "validator/signature/path.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

std::vector<Provided> Given(const std::vector<std::string>& texts) {
  std::vector<InputSpec> specs;
  for (const std::string& text : texts) {
    Result<InputSpec> spec = ParseInputSpec(text);
    REQUIRE(spec.ok());
    specs.push_back(*std::move(spec));
  }
  return ProvidedFromSpecs(specs);
}

TEST_CASE("a path splits into its steps") {
  const auto steps = SplitPath("batch.pair[0][\"a b\"]");
  REQUIRE(steps.has_value());
  CHECK(*steps == std::vector<DictKey>{DictKey("batch"), DictKey("pair"), DictKey(std::int64_t{0}), DictKey("a b")});
  CHECK_FALSE(SplitPath("a..b").has_value());
  CHECK_FALSE(SplitPath("a[").has_value());
  CHECK_FALSE(SplitPath("").has_value());
}

TEST_CASE("unnamed inputs are positional and named ones are not") {
  const Result<CallValues> call = AssembleCall(Given({"f32[2]", "n=3"}));
  REQUIRE(call.ok());
  REQUIRE(call->args.size() == 1);
  CHECK(std::get<TensorRef>(call->args[0].content).name == "input.#0");
  REQUIRE(call->kwargs.size() == 1);
  CHECK(call->kwargs[0].first == "n");
  CHECK(std::get<std::int64_t>(call->kwargs[0].second.content) == 3);
}

TEST_CASE("indices make a list and names a dict") {
  const Result<CallValues> call = AssembleCall(Given({"pair[1]=f32[2]", "pair[0]=i64[3]", "d.ids=i64[1]"}));
  REQUIRE(call.ok());
  REQUIRE(call->kwargs.size() == 2);
  const auto& list = std::get<ListValue>(call->kwargs[0].second.content);
  CHECK(std::get<TensorRef>(list.items[0].content).dtype == DType::kI64);
  const auto& dict = std::get<DictValue>(call->kwargs[1].second.content);
  CHECK(std::get<std::string>(dict.items[0].first) == "ids");
}

TEST_CASE("a list that may have no items, and none is given, is empty") {
  const Result<CallValues> call =
      AssembleCall(Given({"tasks=list{0}", "d[0]=list{0..2}", "d[1]=i64[1]", "n=list{1..2}"}));
  REQUIRE(call.ok());
  REQUIRE(call->kwargs.size() == 2);
  CHECK(call->kwargs[0].first == "tasks");
  CHECK(std::get<ListValue>(call->kwargs[0].second.content).items.empty());
  const auto& nested = std::get<ListValue>(call->kwargs[1].second.content);
  CHECK(std::get<ListValue>(nested.items[0].content).items.empty());
}

TEST_CASE("an index that is left out is named") {
  CHECK(AssembleCall(Given({"pair[1]=f32[2]"})).status().message() == "input `pair[0]` is missing");
}

TEST_CASE("one input cannot be a value and a container") {
  CHECK(AssembleCall(Given({"pair=f32[2]", "pair[0]=f32[2]"})).status().message() ==
        "input `pair` is given both as a value and as a container");
}

TEST_CASE("the one tensor of an .npy file binds in order, unless an input has its name") {
  const std::vector<Provided> file = {{"array", TensorSpec(), std::nullopt}};
  const auto path = [&](std::vector<std::string> inputs, std::vector<Provided> provided) {
    UnnameArray(inputs, provided);
    return provided[0].path;
  };
  CHECK(path({"x"}, file) == "");
  CHECK(path({"x", "array"}, file) == "array");
  CHECK(path({"x"}, {{"y", TensorSpec(), std::nullopt}}) == "y");
}

TEST_CASE("names of a tensor file lose their prefix, outputs are left out") {
  const std::pair<std::string, TensorView> tensors[] = {
      {"input.x", {}}, {"y", {}}, {"output", {}}, {"output.logits", {}}};
  const std::vector<Provided> provided = ProvidedFromTensors(tensors);
  REQUIRE(provided.size() == 2);
  CHECK(provided[0].path == "x");
  CHECK(provided[1].path == "y");
}

}  // namespace
}  // namespace torchassay
