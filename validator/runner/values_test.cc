#include "validator/runner/values.h"

#include <catch2/catch.hpp>

#include "validator/tensor/tensor_source.h"

namespace torchassay {
namespace {

at::Tensor Zeros(const TensorRef& tensor) { return at::zeros(tensor.shape, ToScalarType(tensor.dtype)); }

c10::IValue Made(const Value& value, const c10::TypePtr& type) { return ToIValue(value, type, Zeros, "x"); }

std::string RefusalOf(const Value& value, const c10::TypePtr& type) {
  try {
    Made(value, type);
  } catch (const UnusableInput& error) {
    return error.code() + " " + error.what();
  }
  return "taken";
}

Value Items(std::vector<Value> items) { return {TupleValue{std::move(items), {}, {}}}; }

Value Dict(std::vector<std::pair<DictKey, Value>> items) {
  DictValue dict;
  dict.items = std::move(items);
  return {std::move(dict)};
}

TEST_CASE("a plain value becomes what the declared type asks for") {
  CHECK(Made({std::int64_t{2}}, c10::FloatType::get()).toDouble() == 2.0);
  CHECK(Made({std::int64_t{2}}, c10::IntType::get()).toInt() == 2);
  CHECK(Made(Items({{std::int64_t{1}}, {std::int64_t{2}}}), c10::ListType::ofInts()).toIntVector() ==
        std::vector<std::int64_t>{1, 2});
  CHECK(Made({NoneValue{}}, c10::OptionalType::ofTensor()).isNone());
  CHECK(Made({TensorRef{.shape = {3}}}, c10::OptionalType::ofTensor()).toTensor().size(0) == 3);
  const auto dict =
      Made(Dict({{std::int64_t{2}, {1.5}}}), c10::DictType::create(c10::FloatType::get(), c10::FloatType::get()));
  CHECK(dict.toGenericDict().at(2.0).toDouble() == 1.5);
}

TEST_CASE("of several types the one that takes the value is made") {
  const auto type = c10::UnionType::create({c10::TensorType::get(), c10::ListType::ofTensors()});
  CHECK(Made(Items({{TensorRef{.shape = {3}}}}), type).isTensorList());
  CHECK(Made({TensorRef{.shape = {3}}}, type).isTensor());
  CHECK(RefusalOf({std::string("a")}, type).starts_with("TA305 input `x`: expected Union["));
}

TEST_CASE("items by number are those of a dict where its keys are ints") {
  const auto type = c10::DictType::create(c10::IntType::get(), c10::FloatType::get());
  CHECK(Made(Items({{0.5}, {1.5}}), type).toGenericDict().at(1).toDouble() == 1.5);
}

TEST_CASE("a complex number may be given as itself, as a real one, or as a tensor of one") {
  const auto type = c10::ComplexType::get();
  CHECK(Made({std::complex<double>(1, -2)}, type).toComplexDouble() == c10::complex<double>(1, -2));
  CHECK(Made({1.5}, type).toComplexDouble() == c10::complex<double>(1.5, 0));
  CHECK(Made({std::int64_t{3}}, type).toComplexDouble() == c10::complex<double>(3, 0));
  CHECK(Made({TensorRef{.dtype = DType::kC128}}, type).toComplexDouble() == c10::complex<double>(0, 0));
  CHECK(Made({std::complex<double>(0, 1)}, c10::NumberType::get()).toComplexDouble() == c10::complex<double>(0, 1));
  CHECK(RefusalOf({TensorRef{.dtype = DType::kC64, .shape = {2}}}, type) ==
        "TA305 input `x`: expected complex, got c64[2]");
}

TEST_CASE("another kind is refused in the words of the model's schema, where it stands") {
  CHECK(RefusalOf({0.5}, c10::IntType::get()) == "TA305 input `x`: expected int, got the float 0.5");
  CHECK(RefusalOf(Items({{std::int64_t{1}}, {std::string("a")}}), c10::ListType::ofInts()) ==
        "TA305 input `x[1]`: expected int, got the str `a`");
  CHECK(RefusalOf({std::int64_t{1}}, c10::TensorType::get()) == "TA305 input `x`: expected Tensor, got the int 1");
  CHECK(RefusalOf(Items({{1.0}}), c10::TupleType::create({c10::FloatType::get(), c10::FloatType::get()}))
            .starts_with("TA305 input `x`: expected Tuple[float, float]"));
}

TEST_CASE("a named tuple is filled by its names, in its own order") {
  const std::vector<std::string> names = {"a", "b"};
  const std::vector<c10::TypePtr> types = {c10::IntType::get(), c10::FloatType::get()};
  const auto type = c10::TupleType::createNamed(c10::QualifiedName("Point"), names, types);
  const c10::IValue made = Made(Dict({{std::string("b"), {2.0}}, {std::string("a"), {std::int64_t{1}}}}), type);
  CHECK(made.toTupleRef().elements()[0].toInt() == 1);
  const Value back = Capture(made, "output").value;
  CHECK(std::get<TupleValue>(back.content).names == std::vector<std::string>{"a", "b"});
  CHECK(RefusalOf(Dict({{std::string("a"), {std::int64_t{1}}}}), type) == "TA304 input `x.b` is missing");
}

TEST_CASE("unnamed values bind in order to the arguments that are not named") {
  const c10::FunctionSchema schema("forward", "",
                                   {c10::Argument("self", c10::AnyType::get()), c10::Argument("a", c10::IntType::get()),
                                    c10::Argument("b", c10::FloatType::get()), c10::Argument("c", c10::IntType::get())},
                                   {});
  const Arguments behind = ToArguments({{{2.5}, {std::int64_t{3}}}, {{"a", {std::int64_t{1}}}}}, schema, Zeros);
  CHECK(behind.positional.empty());
  CHECK(behind.keywords.at("a").toInt() == 1);
  CHECK(behind.keywords.at("b").toDouble() == 2.5);
  CHECK(behind.keywords.at("c").toInt() == 3);
  const Arguments before = ToArguments({{{std::int64_t{1}}}, {{"b", {2.5}}}}, schema, Zeros);
  CHECK(before.positional.size() == 1);
  CHECK_THROWS_WITH(ToArguments({{{2.5}, {std::int64_t{3}}, {1.0}}, {{"a", {std::int64_t{1}}}}}, schema, Zeros),
                    "`forward` takes 3 inputs, got 4");
}

TEST_CASE("an output is captured on the CPU, contiguous, without views and quantisation") {
  const at::Tensor plain = at::arange(6, at::kFloat).view({2, 3});
  const CapturedValue turned = Capture(plain.t(), "output");
  REQUIRE(turned.named.size() == 1);
  CHECK(turned.named[0].second.shape == Shape{3, 2});
  CHECK(reinterpret_cast<const float*>(turned.named[0].second.bytes.data())[1] == 3);  // NOLINT

  const at::Tensor number = at::complex(at::ones({1}), at::ones({1}));
  const CapturedValue conjugated = Capture(number.conj(), "output");
  CHECK(reinterpret_cast<const float*>(conjugated.named[0].second.bytes.data())[1] == -1);  // NOLINT

  const CapturedValue dequantised = Capture(at::quantize_per_tensor(plain, 0.5, 0, at::kQInt8), "output");
  CHECK(dequantised.named[0].second.dtype == DType::kF32);
  CHECK(Capture(at::Tensor(), "output").named.empty());
}

TEST_CASE("what an output holds is named by its path") {
  c10::impl::GenericDict dict(c10::StringType::get(), c10::TensorType::get());
  dict.insert("a", at::zeros({2}));
  const c10::IValue tuple = c10::ivalue::Tuple::create({at::zeros({1}), dict, 3, c10::complex<double>(0, 1)});
  const CapturedValue captured = Capture(tuple, "output");
  REQUIRE(captured.named.size() == 2);
  CHECK(captured.named[0].first == "output[0]");
  CHECK(captured.named[1].first == "output[1].a");
  const auto& items = std::get<TupleValue>(captured.value.content).items;
  CHECK(std::get<std::int64_t>(items[2].content) == 3);
  CHECK(std::get<std::complex<double>>(items[3].content) == std::complex<double>(0, 1));
}

TEST_CASE("a case's tensors are copies with their layout, and aliases are one tensor") {
  const float values[48] = {7};
  TensorTable table;
  table.Add("input.x", {DType::kF32, {1, 3, 4, 4}, std::as_bytes(std::span(values))});
  CaseTensors tensors(table, at::kCPU);
  TensorRef ref{.name = "input.x", .shape = {1, 3, 4, 4}, .layout = "channels_last", .requires_grad = true};
  const at::Tensor made = tensors(ref);
  CHECK(made.is_contiguous(at::MemoryFormat::ChannelsLast));
  CHECK(made.requires_grad());
  CHECK(made.const_data_ptr() != static_cast<const void*>(values));
  ref.alias = "input.x";
  CHECK(tensors(ref).is_same(made));
  ref = {.name = "input.y"};
  CHECK_THROWS_WITH(tensors(ref), "the case file has no tensor `input.y`");
}

TEST_CASE("a c128 that a case file keeps as pairs of f64 is made complex") {
  const double pairs[4] = {1, 2, 3, 4};
  TensorTable table;
  table.Add("input.z", {DType::kF64, {2, 2}, std::as_bytes(std::span(pairs))});
  const at::Tensor made = CaseTensors(table, at::kCPU)({.name = "input.z", .dtype = DType::kC128, .shape = {2}});
  CHECK(DescribeTensor(made) == "c128[2]");
  CHECK(made[1].item().toComplexDouble() == c10::complex<double>(3, 4));
}

}  // namespace
}  // namespace torchassay
