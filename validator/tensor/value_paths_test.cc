#include "validator/tensor/value_paths.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

Value Tensor(Shape shape) { return {TensorRef{"t", DType::kF32, std::move(shape), "", false, ""}}; }

TEST_CASE("leaves come in order with the grammar's paths") {
  DictValue dict;
  dict.items = {{std::string("ids"), Tensor({2})},
                {std::string("a \"b\""), Tensor({})},
                {std::int64_t{3}, {NoneValue()}},
                {true, {true}},
                {2.0, {0.5}}};
  const Value value = {TupleValue{{Tensor({1}), {ListValue{{{dict}, {std::int64_t{7}}}}}}, {}, ""}};
  std::vector<std::string> paths;
  for (const auto& [path, leaf] : Leaves(value, "output")) paths.push_back(path);
  CHECK(paths == std::vector<std::string>{"output[0]", "output[1][0].ids", "output[1][0][\"a \\\"b\\\"\"]",
                                          "output[1][0][3]", "output[1][0][true]", "output[1][0][2.0]",
                                          "output[1][1]"});
}

TEST_CASE("items of a named tuple are named") {
  const Value value = {TupleValue{{Tensor({1}), Tensor({2})}, {"logits", "hidden"}, "Out"}};
  const auto leaves = Leaves(value, "output");
  REQUIRE(leaves.size() == 2);
  CHECK(leaves[1].first == "output.hidden");
}

TEST_CASE("a single value is the path itself") {
  const Value value = Tensor({1});
  CHECK(Leaves(value, "output").at(0).first == "output");
  CHECK(Leaves({ListValue{}}, "output").empty());
  CHECK(KeyPath("", std::string("x")) == "x");
}

TEST_CASE("every value is described in words") {
  CHECK(DescribeValue({NoneValue()}) == "None");
  CHECK(DescribeValue(Tensor({1, 3})) == "f32[1,3]");
  CHECK(DescribeValue({TupleValue{{Tensor({})}, {}, ""}}) == "a tuple of 1 item");
  CHECK(DescribeValue({ListValue{}}) == "a list of 0 items");
  DictValue dict;
  CHECK(DescribeValue({dict}) == "an empty dict");
  dict.items = {{std::string("a"), {NoneValue()}}, {std::int64_t{1}, {NoneValue()}}};
  CHECK(DescribeValue({dict}) == "a dict with the keys `a`, `1`");
  CHECK(DescribeValue({true}) == "True");
  CHECK(DescribeValue({std::int64_t{3}}) == "the int 3");
  CHECK(DescribeValue({0.5}) == "the float 0.5");
  CHECK(DescribeValue({std::complex<double>(1, -2)}) == "the complex 1-2j");
  CHECK(DescribeValue({std::string("mean")}) == "the str `mean`");
}

}  // namespace
}  // namespace torchassay
