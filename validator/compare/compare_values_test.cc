#include "validator/compare/compare_values.h"

#include <catch2/catch.hpp>
#include <deque>
#include <limits>

#include "validator/base/fake_file_system.h"
#include "validator/tensor/safetensors.h"

namespace torchassay {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// One side of a comparison: hands out tensor values and keeps their data.
struct Side {
  TensorTable table;
  std::deque<std::vector<float>> data;

  Value Floats(const std::string& name, std::vector<float> values) {
    const Shape shape = {static_cast<std::int64_t>(values.size())};
    return Shaped(name, shape, std::move(values));
  }
  Value Shaped(const std::string& name, const Shape& shape, std::vector<float> values) {
    data.push_back(std::move(values));
    table.Add(name, {DType::kF32, shape, std::as_bytes(std::span(data.back()))});
    return {TensorRef{name, DType::kF32, shape, "", false, ""}};
  }
};

Value Tuple(std::vector<Value> items, std::vector<std::string> names = {}) {
  return {TupleValue{std::move(items), std::move(names), ""}};
}
Value List(std::vector<Value> items) { return {ListValue{std::move(items)}}; }
Value Dict(std::vector<std::pair<DictKey, Value>> items) {
  DictValue dict;
  dict.items = std::move(items);
  return {dict};
}
Value Int(std::int64_t value) { return {value}; }

// A finding as its code, message and evidence, one line each.
std::string Text(const Finding& finding) {
  std::string text = std::string(SeverityName(finding.severity)) + " " + finding.code + ": " + finding.message;
  for (const Evidence& line : finding.evidence) text += "\n" + line.label + ": " + line.text;
  if (!finding.help.empty()) text += "\nhelp: " + finding.help;
  return text;
}

std::vector<std::string> Texts(const ValuesResult& result) {
  std::vector<std::string> texts;
  for (const OutputResult& output : result.outputs) {
    for (const Finding& finding : output.findings) texts.push_back(Text(finding));
  }
  return texts;
}

struct Pair {
  Side actual_side, expected_side;
  ValuesResult Run(const Value& actual, const Value& expected, CompareValuesOptions options = {}) {
    return CompareValues({actual, actual_side.table}, {expected, expected_side.table}, options);
  }
};

using Strings = std::vector<std::string>;

TEST_CASE("equal outputs pass, and it is known how much was compared") {
  Pair p;
  const Value a = Tuple({p.actual_side.Floats("output[0]", {1, 2}), List({Int(3)})});
  const Value e = Tuple({p.expected_side.Floats("output[0]", {1, 2}), List({Int(3)})});
  const ValuesResult result = p.Run(a, e);
  CHECK(result.passed());
  CHECK(result.compared == 2);
  REQUIRE(result.outputs.size() == 2);
  CHECK(result.outputs[0].path == "output[0]");
  CHECK(result.outputs[0].comparison->passed);
  CHECK(result.outputs[1].path == "output[1][0]");
}

TEST_CASE("a difference is told with share, worst element and what would pass") {
  Pair p;
  const ValuesResult result = p.Run(p.actual_side.Shaped("output", {2, 2}, {1, 2, 3.5, 4}),
                                    p.expected_side.Shaped("output", {2, 2}, {1, 2, 3, 4}));
  CHECK(Texts(result) == Strings{"error TA401: output `output` differs from its reference\n"
                                 "mismatched: 1 of 4 elements (25 %), none NaN\n"
                                 "worst: at [1, 0]: expected 3, got 3.5, allowed 1.4e-05\n"
                                 "would pass: with atol >= 0.5, or rtol >= 0.17\n"
                                 "help: record a tolerance for this output, or find the first differing submodule "
                                 "with `--localise`"});
  CHECK(result.outputs[0].findings[0].max_abs_error == 0.5);
  CHECK_FALSE(result.passed());
}

TEST_CASE("a NaN on one side is told beside the numbers, not instead of them") {
  Pair p;
  const ValuesResult result = p.Run(p.actual_side.Floats("output", {kNan, 2, 3, kInf}),
                                    p.expected_side.Floats("output", {1, 2.5, kNan, -kInf}));
  CHECK(Texts(result) ==
        Strings{"error TA401: output `output` differs from its reference\n"
                "mismatched: 1 of 4 elements (25 %)\n"
                "worst: at [1]: expected 2.5, got 2, allowed 1.3e-05\n"
                "would pass: with no tolerance, because of NaN or Inf\n"
                "help: record a tolerance for this output, or find the first differing submodule with `--localise`",
                "error TA407: output `output` has NaN and Inf where its reference has not, or the reverse\n"
                "NaN: 1 in the output only, 1 in the reference only\n"
                "Inf: 1 of opposite signs\n"
                "first: at [0]: expected 1, got nan"});
}

TEST_CASE("a NaN on both sides depends on the policy") {
  Pair p;
  const Value a = p.actual_side.Floats("output", {kNan, 2});
  const Value e = p.expected_side.Floats("output", {kNan, 2});
  CHECK(p.Run(a, e).passed());
  CompareValuesOptions strict;
  strict.nan_policy = NanPolicy::kNeverEqual;
  CHECK(Texts(p.Run(a, e, strict)) ==
        Strings{"error TA407: output `output` has NaN on both sides, and no NaN was to match\n"
                "NaN: 1 on both sides\n"
                "first: at [0]: expected nan, got nan\n"
                "help: `--equal-nan` lets a NaN match a NaN"});
}

TEST_CASE("missing and extra outputs are named, with what was probably meant") {
  Pair p;
  const Value a = Dict({{std::string("logit"), p.actual_side.Floats("output.logit", {1})}});
  const Value e = Dict({{std::string("logits"), p.expected_side.Floats("output.logits", {1})}});
  const ValuesResult result = p.Run(a, e);
  CHECK(Texts(result) == Strings{"error TA402: output `output.logits` of the reference is missing\n"
                                 "help: did you mean `output.logit`?",
                                 "error TA403: output `output.logit` has no reference"});
  CHECK(result.compared == 0);
}

TEST_CASE("another dtype, shape or structure is a failure of its own") {
  Pair p;
  const Value floats = p.expected_side.Floats("output", {1, 2});
  CHECK(Texts(p.Run(p.actual_side.Shaped("output", {2, 1}, {1, 2}), floats)) ==
        Strings{"error TA405: output `output` has another shape than its reference\nexpected: f32[2]\ngot: f32[2,1]"});
  const std::vector<double> doubles = {1, 2};
  p.actual_side.table.Add("output", {DType::kF64, {2}, std::as_bytes(std::span(doubles))});
  CHECK(Texts(p.Run({TensorRef{"output", DType::kF64, {2}, "", false, ""}}, floats)) ==
        Strings{"error TA404: output `output` has another dtype than its reference\nexpected: f32\ngot: f64"});
  CHECK(Texts(p.Run(Tuple({Int(1)}), floats)) ==
        Strings{"error TA406: output `output` has another structure than its reference\nexpected: f32[2]\n"
                "got: a tuple of 1 item"});
  CHECK(Texts(p.Run({NoneValue()}, floats))[0].ends_with("got: None"));
  CHECK(Texts(p.Run(Dict({}), List({})))[0].ends_with("expected: a list of 0 items\ngot: an empty dict"));
}

TEST_CASE("a tuple of other length names what is missing or extra") {
  Pair p;
  CHECK(Texts(p.Run(Tuple({Int(1)}), List({Int(1), Int(2)}))) ==
        Strings{"error TA402: output `output[1]` of the reference is missing"});
  CHECK(Texts(p.Run(Tuple({Int(1), Int(2)}), List({Int(1)}))) ==
        Strings{"error TA403: output `output[1]` has no reference"});
}

TEST_CASE("a tuple equals a list and a named tuple, and the reference's names are used") {
  Pair p;
  CHECK(p.Run(List({Int(1)}), Tuple({Int(1)})).passed());
  const ValuesResult result = p.Run(Tuple({Int(2)}), Tuple({Int(1)}, {"count"}));
  CHECK(Texts(result) ==
        Strings{"error TA412: output `output.count` differs from its reference\nexpected: the int 1\ngot: the int 2"});
}

TEST_CASE("values that are no tensors are compared by kind and value") {
  Pair p;
  CHECK(p.Run({0.5 + 1e-9}, {0.5}).passed());
  CHECK(p.Run({std::int64_t{2}}, {2.0}).passed());
  CHECK_FALSE(p.Run({std::int64_t{9007199254740993}}, {std::int64_t{9007199254740992}}).passed());
  CHECK(p.Run({std::numeric_limits<double>::infinity()}, {std::numeric_limits<double>::infinity()}).passed());
  CHECK_FALSE(p.Run({1.0}, {std::numeric_limits<double>::infinity()}).passed());
  CHECK_FALSE(p.Run({true}, {std::int64_t{1}}).passed());
  CHECK_FALSE(p.Run({std::string("a")}, {std::string("b")}).passed());
  CHECK(p.Run({std::complex<double>(1, 2)}, {std::complex<double>(1, 2)}).passed());
  CHECK(p.Run({NoneValue()}, {NoneValue()}).compared == 1);
}

TEST_CASE("an empty pair passes with a note and counts as nothing") {
  Pair p;
  const ValuesResult result =
      p.Run(p.actual_side.Shaped("output", {0, 4}, {}), p.expected_side.Shaped("output", {0, 4}, {}));
  CHECK(Texts(result) == Strings{"note TA409: output `output` has no elements, so nothing of it was compared"});
  CHECK(result.passed());
  CHECK(result.compared == 0);
  CHECK(Text(NothingCompared("a.assay")) == "error TA408: nothing was compared");
}

TEST_CASE("each output has its own tolerance") {
  Pair p;
  CompareValuesOptions options;
  options.tolerance_of = [](const std::string& path, DType) { return Tolerance{0, path == "output[0]" ? 1.0 : 0.0}; };
  const Value a = Tuple({p.actual_side.Floats("output[0]", {1}), p.actual_side.Floats("output[1]", {1})});
  const Value e = Tuple({p.expected_side.Floats("output[0]", {2}), p.expected_side.Floats("output[1]", {2})});
  const ValuesResult result = p.Run(a, e, options);
  CHECK(result.outputs[0].comparison->passed);
  CHECK_FALSE(result.outputs[1].comparison->passed);
}

TEST_CASE("data that neither side has is missing, not equal") {
  Pair p;
  const Value ghost = {TensorRef{"ghost", DType::kF32, {1}, "", false, ""}};
  CHECK(Texts(p.Run(ghost, ghost)) == Strings{"error TA402: the data of the output for `output` is missing"});
}

TEST_CASE("a c128 that a file holds as pairs of f64 is compared as complex") {
  Pair p;
  const std::vector<double> parts = {3, 4};
  const TensorView view = {DType::kF64, {1, 2}, std::as_bytes(std::span(parts))};
  p.actual_side.table.Add("z", view);
  p.expected_side.table.Add("z", view);
  const Value z = {TensorRef{"z", DType::kC128, {1}, "", false, ""}};
  CHECK(p.Run(z, z).outputs.at(0).comparison->dtype == DType::kC128);
}

TEST_CASE("two files are compared by name") {
  const std::vector<float> one = {1}, two = {2};
  const auto view = [](const std::vector<float>& data) {
    return TensorView{DType::kF32, {1}, std::as_bytes(std::span(data))};
  };
  FakeFileSystem files;
  files.Add("a", *SerializeSafetensors({{"x", view(one)}, {"extra", view(one)}}));
  files.Add("e", *SerializeSafetensors({{"x", view(two)}, {"lost", view(one)}}));
  CompareValuesOptions options;
  options.subject = "a against e";
  const ValuesResult result = CompareTensorFiles(*TensorFile::Open(files, "a"), *TensorFile::Open(files, "e"), options);
  Strings codes;
  for (const OutputResult& output : result.outputs) codes.push_back(output.path + " " + output.findings.at(0).code);
  CHECK(codes == Strings{"lost TA402", "x TA401", "extra TA403"});
  CHECK(result.outputs[1].findings[0].subject == "a against e");
}

TEST_CASE("an int equals a float that is the same number, and a complex number equals neither") {
  const auto passes = [](Value actual, Value expected) {
    const TensorTable none;
    CompareValuesOptions options;
    options.tolerance_of = [](const std::string&, DType) { return Tolerance{1, 1}; };
    return CompareValues({actual, none}, {expected, none}, options).passed();
  };
  CHECK(passes({std::int64_t{3}}, {3.0}));
  CHECK(passes({3.0}, {std::int64_t{3}}));
  CHECK_FALSE(passes({std::int64_t{3}}, {3.00000001}));
  CHECK_FALSE(passes({std::int64_t{9007199254740993}}, {9007199254740992.0}));
  CHECK_FALSE(passes({std::int64_t{3}}, {std::complex<double>(3, 0)}));
  CHECK_FALSE(passes({3.0}, {std::complex<double>(3, 0)}));
  CHECK(passes({3.0}, {3.5}));
}

TEST_CASE("a sparse output is not its dense reference") {
  const float data[2] = {1, 2};
  TensorTable table;
  table.Add("output", {DType::kF32, {2}, std::as_bytes(std::span(data))});
  const Value dense = {TensorRef{.name = "output", .shape = {2}}};
  const Value sparse = {TensorRef{.name = "output", .shape = {2}, .layout = "sparse_coo"}};
  CHECK(CompareValues({sparse, table}, {sparse, table}, {}).passed());
  CHECK_FALSE(CompareValues({dense, table}, {sparse, table}, {}).passed());
  CHECK_FALSE(CompareValues({sparse, table}, {dense, table}, {}).passed());
}

}  // namespace
}  // namespace torchassay
