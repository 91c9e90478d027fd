#include "validator/signature/signature.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "validator/signature/spec.h"

namespace torchassay {
namespace {

std::vector<InputSpec> Specs(const std::vector<std::string>& texts) {
  std::vector<InputSpec> specs;
  for (const std::string& text : texts) {
    Result<InputSpec> spec = ParseInputSpec(text);
    REQUIRE(spec.ok());
    specs.push_back(*std::move(spec));
  }
  return specs;
}

// "TA301 message" of each finding.
std::vector<std::string> Findings(const std::vector<std::string>& legal, const std::vector<std::string>& given) {
  const Result<Signature> signature = SignatureFromSpecs("forward", Specs(legal));
  REQUIRE(signature.ok());
  std::vector<std::string> texts;
  for (const Finding& finding : Match(*signature, ProvidedFromSpecs(Specs(given)))) {
    texts.push_back(finding.code + " " + finding.message);
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST_CASE("a legal call has no findings") {
  CHECK(Findings({"x=f32[B:1..8,3]", "n=int{1..4}"}, {"x=f32[2,3]", "n=4"}) == Texts{});
  CHECK(Findings({"x=f32[B:1..8,3]"}, {"f32[8,3]"}) == Texts{});
}

TEST_CASE("a layout that no reference covers is told") {
  const Texts texts = Findings({"x=f32[3]"}, {"f32[3]@grad"});
  REQUIRE(texts.size() == 1);
  CHECK(texts[0].starts_with("TA308 "));
}

TEST_CASE("another rank is told with both specs") {
  CHECK(Findings({"x=f32[20]"}, {"f32[1,3,224,224]"}) ==
        Texts{"TA301 input `x`: expected 1-D f32[20], got 4-D f32[1,3,224,224]"});
}

TEST_CASE("another size is told with its dimension") {
  CHECK(Findings({"x=f32[N,3]"}, {"f32[1,4]"}) ==
        Texts{"TA302 input `x`: expected 2-D f32[N,3], got 2-D f32[1,4]: dimension 1 must be 3, not 4"});
}

TEST_CASE("a step leaves the sizes between out") {
  CHECK(Findings({"x=f32[H:32..256:32]"}, {"f32[64]"}) == Texts{});
  CHECK(Findings({"x=f32[H:32..256:32]"}, {"f32[65]"}).size() == 1);
}

TEST_CASE("one symbol is one size in all inputs") {
  CHECK(Findings({"a=f32[B,3]", "b=f32[B,4]"}, {"a=f32[2,3]", "b=f32[5,4]"}) ==
        Texts{"TA302 input `b`: expected 2-D f32[B,4], got 2-D f32[5,4]: dimension 0 must be 2, not 5: it is `B`, "
              "as in `a`"});
}

TEST_CASE("a symbol's range holds wherever the symbol stands") {
  CHECK(Findings({"a=f32[B:1..4]", "b=f32[B]"}, {"a=f32[4]", "b=f32[9]"}) ==
        Texts{"TA302 input `b`: expected 1-D f32[B], got 1-D f32[9]: dimension 0 must be B:1..4, not 9"});
}

TEST_CASE("a range that is asked for must lie inside the legal one") {
  CHECK(Findings({"x=f32[B:1..8]"}, {"x=f32[B:2..8]"}) == Texts{});
  CHECK(Findings({"x=f32[B:1..8]"}, {"x=f32[B:1..9]"}).size() == 1);
}

TEST_CASE("another dtype and another kind have their own codes") {
  CHECK(Findings({"x=f32[2]"}, {"f64[2]"}) == Texts{"TA303 input `x`: expected 1-D f32[2], got 1-D f64[2]"});
  CHECK(Findings({"x=f32[2]"}, {"x=3"}) == Texts{"TA305 input `x`: expected 1-D f32[2], got int 3"});
}

TEST_CASE("a missing, an extra and a misspelt input are told apart") {
  CHECK(Findings({"x=f32[2]", "y=f32[2]"}, {"f32[2]"}) ==
        Texts{"TA304 input `y` is missing: the model takes 2 inputs, got 1"});
  CHECK(Findings({"x=f32[2]"}, {"f32[2]", "f32[2]"}) == Texts{"TA304 the model takes 1 input, got 2"});
  CHECK(Findings({"ids=i64[2]"}, {"idz=i64[2]"}) ==
        Texts{"TA306 the model has no input `idz`", "TA304 input `ids` is missing"});
}

TEST_CASE("the same name twice is an alternative") {
  CHECK(Findings({"x=f32[2]", "x=f32[2,3]"}, {"f32[2,3]"}) == Texts{});
  CHECK(Findings({"x=f32[2]", "x=f32[2,3]"}, {"f32[2,4]"}) ==
        Texts{"TA302 input `x`: expected 1-D f32[2] or 2-D f32[2,3], got 2-D f32[2,4]: dimension 1 must be 3, not 4"});
}

TEST_CASE("a dict may lack an optional key, a list its last items") {
  CHECK(Findings({"b={ids,mask?}", "b.ids=i64[2]", "b.mask=bool[2]"}, {"b.ids=i64[2]"}) == Texts{});
  CHECK(Findings({"l=list{1..2}", "l[0]=f32[2]", "l[1]=f32[2]"}, {"l[0]=f32[2]"}) == Texts{});
}

TEST_CASE("unnamed values bind to what nothing named belongs to") {
  const std::vector<std::string> legal = {"pair[0]=f32[2]", "pair[1]=f32[3]", "scale=float"};
  CHECK(Findings(legal, {"pair[0]=f32[2]", "pair[1]=f32[3]", "0.5"}) == Texts{});
  CHECK(Findings({"l=list{1..2}", "l[0]=f32[2]", "x=i64[]"}, {"l[0]=f32[2]", "i64[]"}) == Texts{});
  CHECK(Findings({"a=f32[2]", "b=f32[3]"}, {"a=f32[2]", "f32[3]"}) == Texts{});
  CHECK(Findings({"l=list{1..2}", "l[0]=f32[2]"}, {"f32[2]"}) ==
        Texts{"TA305 input `l`: expected a list of 1 to 2 items, got 1-D f32[2]"});
}

TEST_CASE("inputs are counted as the method's arguments, not by what they hold") {
  const std::vector<std::string> legal = {"b={ids,mask}", "b.ids=i64[2]", "b.mask=bool[2]", "k=int"};
  CHECK(Findings(legal, {"b.ids=i64[2]", "b.mask=bool[2]"}) ==
        Texts{"TA304 input `k` is missing: the model takes 2 inputs, got 1"});
  CHECK(Findings(legal, {"b.ids=i64[2]", "k=1"}) == Texts{"TA304 input `b.mask` is missing"});
}

TEST_CASE("an item of a list beyond the known ones looks like the last of them, its sizes its own") {
  const std::vector<std::string> legal = {"l=list{1..9}", "l[0]=f32[N,3]"};
  CHECK(Findings(legal, {"l[0]=f32[2,3]", "l[1]=f32[7,3]"}) == Texts{});
  CHECK(Findings(legal, {"l[0]=f32[2,3]", "l[1]=f32[2,4]"}) ==
        Texts{"TA302 input `l[1]`: expected 2-D f32[N,3], got 2-D f32[2,4]: dimension 1 must be 3, not 4"});
}

TEST_CASE("a constant outside its domain is refused") {
  CHECK(Findings({"n=int{1..4}"}, {"n=5"}) == Texts{"TA307 input `n`: expected int{1..4}, got int 5"});
}

TEST_CASE("an element outside the domain is named with its place") {
  const float values[] = {0.5F, 2.0F};
  const TensorView view{DType::kF32, {2}, std::as_bytes(std::span(values))};
  const Result<Signature> signature = SignatureFromSpecs("forward", Specs({"x=f32[2]{0..1}"}));
  REQUIRE(signature.ok());
  const std::pair<std::string, TensorView> tensors[] = {{"input.x", view}};
  const std::vector<Finding> findings = Match(*signature, ProvidedFromTensors(tensors));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].message == "input `x`: element 1 is 2, outside the legal values of f32[2]{0..1}");
}

}  // namespace
}  // namespace torchassay
