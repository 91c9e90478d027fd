#include "validator/report/takes_text.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "validator/signature/spec.h"

namespace torchassay {
namespace {

ArgumentSpec Argument(const std::vector<std::string>& specs) {
  ArgumentSpec argument{.path = "x", .type = "Tensor", .origin = Origin::kInferred};
  for (const std::string& spec : specs) argument.alternatives.push_back(ParseInputSpec(spec).value().value);
  return argument;
}

std::string Told(ArgumentSpec argument) { return TakesText({.inputs = {std::move(argument)}}); }

TEST_CASE("alternatives that differ only in front are told in one") {
  CHECK(Told(Argument({"f32[N,11]", "f32[11]", "f32[A,B,11]", "f32[A,B,C,11]"})) ==
        "  takes x: f32[N,11], also 1-D, 3-D, 4-D f32[...,11]  (inferred)\n");
  CHECK(Told(Argument({"f32[N,11]", "f32[11]", "f32[A,B,11]", "f32[A,B,C,11]", "f32[A,B,C,D,11]"})) ==
        "  takes x: f32[N,11], also 1-D, 3-D to 5-D f32[...,11]  (inferred)\n");
  CHECK(Told(Argument({"f32[A]", "f32[]", "f32[A,B]", "f32[A,B,C]"})) ==
        "  takes x: f32[A], also 0-D, 2-D, 3-D f32[...]  (inferred)\n");
}

TEST_CASE("alternatives of their own, or two, are told in full") {
  CHECK(Told(Argument({"f32[N,3,H,W]", "f32[3,H,W]"})) == "  takes x: f32[N,3,H,W] or f32[3,H,W]  (inferred)\n");
  // One size twice in a tensor is bound.
  CHECK(Told(Argument({"f32[N,T,T]", "f32[T,T]", "f32[N,T]"})) ==
        "  takes x: f32[N,T,T] or f32[T,T] or f32[N,T]  (inferred)\n");
  CHECK(Told(Argument({"f32[N,11]", "f16[11]", "f32[A,B,12]"})) ==
        "  takes x: f32[N,11] or f16[11] or f32[A,B,12]  (inferred)\n");
  CHECK(Told({.path = "x", .type = "List[Tensor]"}) == "  takes x: List[Tensor]  (schema)\n");
}

TEST_CASE("what is told together gives the reasons of the first, and none for sizes that are free") {
  ArgumentSpec argument = Argument({"f32[N,11]", "f32[11]", "f32[A,B,11]"});
  argument.evidence = {OfAlternative(argument.alternatives[0], {"dimension 0", "taken from 1 on"}),
                       OfAlternative(argument.alternatives[0], {"dimension 1 = 11", "`torch.addmm` needs it"}),
                       OfAlternative(argument.alternatives[1], {"dimension 0 = 11", "`torch.matmul` needs it"}),
                       {"not 0-D", "`torch.addmm` minds"}};
  CHECK(Told(argument) ==
        "  takes x: f32[N,11], also 1-D, 3-D f32[...,11]  (inferred)\n"
        "    dimension 1 = 11: `torch.addmm` needs it\n"
        "    not 0-D: `torch.addmm` minds\n");
}

TEST_CASE("another method than forward is named") {
  CHECK(TakesText({.method = "encode", .inputs = {Argument({"f32[N,3]"})}}) ==
        "  `encode` takes x: f32[N,3]  (inferred)\n");
}

TEST_CASE("reasons of alternatives that are told apart name theirs") {
  ArgumentSpec argument = Argument({"f32[N,3,H,W]", "f32[3,H,W]"});
  argument.evidence = {OfAlternative(argument.alternatives[0], {"dimension 1 = 3", "three channels"}),
                       OfAlternative(argument.alternatives[1], {"dimension 0 = 3", "three channels"}),
                       OfAlternative(argument.alternatives[1], {"dimension 1", "taken from 7 on"})};
  CHECK(Told(argument) ==
        "  takes x: f32[N,3,H,W] or f32[3,H,W]  (inferred)\n"
        "    f32[N,3,H,W], dimension 1 = 3: three channels\n"
        "    f32[3,H,W], dimension 0 = 3: three channels\n"
        "    f32[3,H,W], dimension 1: taken from 7 on\n");
}

}  // namespace
}  // namespace torchassay
