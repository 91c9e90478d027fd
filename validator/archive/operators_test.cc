#include "validator/archive/operators.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("calls are counted by operator, and strings are no calls") {
  const CodeCalls calls = FindCalls(
      "x = torch.add(torch.add(y, 1), ops.quantized.linear(z, p))\n"
      "s = \"torch.save(x)\"\n"
      "w = (self.conv).torch.no(x)\n"
      "d = torch.device(\"cuda:0\")\n"
      "c = __torch__.torch.classes.myns.Counter(3)\n");
  CHECK(calls.operators == std::map<std::string, std::int64_t>{{"aten::add", 2}, {"quantized::linear", 1}});
  CHECK(calls.devices == std::set<std::string>{"cuda:0"});
  CHECK(calls.custom_classes == std::set<std::string>{"myns.Counter"});
}

TEST_CASE("what LibTorch has and has not") {
  CHECK(IsKnownOperator("aten::conv2d"));
  CHECK(IsKnownOperator("aten::list_with_default"));
  CHECK(IsKnownOperator("prim::RaiseException"));
  CHECK(IsKnownOperator("quantized::linear_dynamic"));
  CHECK_FALSE(IsKnownOperator("torchvision::nms"));
  CHECK_FALSE(IsKnownOperator("prims::add"));
  CHECK(IsKnownClass("quantized.LinearPackedParamsBase"));
  CHECK_FALSE(IsKnownClass("myns.Counter"));
}

TEST_CASE("operators that touch files") {
  CHECK(TouchesFiles("aten::save"));
  CHECK(TouchesFiles("aten::from_file"));
  CHECK(TouchesFiles("image::read_file"));
  CHECK_FALSE(TouchesFiles("aten::add"));
}

}  // namespace
}  // namespace torchassay
