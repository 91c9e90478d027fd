#include "validator/signature/declared_calls.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "validator/signature/spec.h"

namespace torchassay {
namespace {

// Each call as the specs that it was made to, and how it differs from the first.
std::vector<std::string> Calls(const std::vector<std::string>& texts) {
  std::vector<InputSpec> specs;
  for (const std::string& text : texts) specs.push_back(*ParseInputSpec(text));
  std::vector<std::string> calls;
  for (const DeclaredCall& call : DeclaredCalls(ProvidedFromSpecs(specs))) {
    std::string text;
    for (const Provided& item : call.provided) text += PrintInputSpec({item.path, item.value}) + " ";
    calls.push_back(text + call.where);
  }
  return calls;
}

using Texts = std::vector<std::string>;

TEST_CASE("what is fixed is one call") {
  CHECK(Calls({"x=f32[2,3]", "k=int{3}"}) == Texts{"x=f32[2,3] k=3 "});
  CHECK(Calls({"x=f32[B,T]"}) == Texts{"x=f32[1,1] "});
}

TEST_CASE("a range is tried at its ends, next to them and in its middle") {
  CHECK(Calls({"x=f32[W:32..64:4]"}) == Texts{"x=f32[32] ", "x=f32[64] every size and number is at its largest",
                                              "x=f32[36] `W` is 36", "x=f32[48] `W` is 48", "x=f32[52] `W` is 52",
                                              "x=f32[60] `W` is 60", "x=f32[64] `W` is 64"});
}

TEST_CASE("a symbol has one size everywhere, and its range counts everywhere") {
  CHECK(Calls({"x=f32[S:2..3,S]", "y=i64[S]"}) == Texts{"x=f32[2,2] y=i64[2] ",
                                                        "x=f32[3,3] y=i64[3] every size and number is at its largest",
                                                        "x=f32[3,3] y=i64[3] `S` is 3"});
}

TEST_CASE("two symbols take sizes of their own") {
  const std::vector<std::string> calls = Calls({"x=f32[A:2..3]", "y=f32[B:2..3]"});
  CHECK(std::find(calls.begin(), calls.end(), "x=f32[3] y=f32[2] `A` is 3") != calls.end());
  CHECK(std::find(calls.begin(), calls.end(), "x=f32[2] y=f32[3] `B` is 3") != calls.end());
}

TEST_CASE("each choice of a number or a text is tried") {
  CHECK(Calls({"s=str{\"a\",\"b\",\"c\"}"}) == Texts{"s=\"a\" ", "s=\"c\" every size and number is at its largest",
                                                     "s=\"b\" `s` is `b`", "s=\"c\" `s` is `c`"});
}

TEST_CASE("keys that may be left out and items that may lack are") {
  const std::vector<std::string> keys = Calls({"x.a=f32[2]", "x.b=f32[2]", "x={a,b?}"});
  REQUIRE(keys.size() == 2);
  CHECK(keys[1].starts_with("x.a=f32[2] x={"));
  CHECK(keys[1].ends_with("`x` lacks `b`"));
  CHECK(Calls({"x[0]=f32[1]", "x[1]=f32[1]", "x=list{1..3}"}).back().ends_with("`x` has 1 item"));
}

TEST_CASE("many variables are tried as far as the limit") {
  CHECK(Calls({"x=f32[A:1..90,B:1..90,C:1..90,D:1..90,E:1..90,F:1..90,G:1..90,H:1..90]"}).size() == kMostDeclaredCalls);
}

}  // namespace
}  // namespace torchassay
