#include "validator/archive/code_scanner.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

constexpr char kCode[] = R"(class Net(Module):
  __parameters__ = ["weight", "bias", ]
  __buffers__ = ["mean", ]
  weight : Tensor
  names : Dict[str, Tuple[int, float]]
  out_features : Final[int] = 3
  __annotations__["0"] = __torch__.torch.nn.___torch_mangle_2.Linear
  def forward(self: __torch__.m.Net,
    x: Tensor,
    text: str="a, (b: ",
    k: int=3) -> Tuple[Tensor, Optional[int]]:
    _0 = "def no(x): pass"
    if torch.gt(k, 2):
      return (x, k)
    return (x, None)
  def __len__(self: __torch__.m.Net) -> int:
    return 1
class Pair(NamedTuple):
  left : Tensor
def helper(a: Tensor) -> Tensor:
  return a
)";

TEST_CASE("classes, fields and constants") {
  const CodeUnit unit = ScanCode("code/__torch__/m.py", kCode);
  REQUIRE(unit.classes.size() == 2);
  const ClassCode& net = unit.classes[0];
  CHECK(net.name == "__torch__.m.Net");
  CHECK(net.kind == "Module");
  CHECK(net.parameters == std::vector<std::string>{"weight", "bias"});
  CHECK(net.buffers == std::vector<std::string>{"mean"});
  CHECK(net.FieldType("names") == "Dict[str, Tuple[int, float]]");
  CHECK(net.FieldType("0") == "__torch__.torch.nn.___torch_mangle_2.Linear");
  CHECK(net.constants == std::vector<std::pair<std::string, std::string>>{{"out_features", "3"}});
  CHECK(unit.classes[1].kind == "NamedTuple");
}

TEST_CASE("a schema keeps types, names and defaults, whatever their strings hold") {
  const CodeUnit unit = ScanCode("code/__torch__/m.py", kCode);
  const Method* forward = unit.classes[0].FindMethod("forward");
  REQUIRE(forward != nullptr);
  CHECK(forward->Schema() == "forward(Tensor x, str text=\"a, (b: \", int k=3) -> Tuple[Tensor, Optional[int]]");
  CHECK(forward->code_line == 8);
  CHECK(forward->code.ends_with("  return (x, None)\n"));
  CHECK(unit.classes[0].FindMethod("no") == nullptr);
}

TEST_CASE("free functions carry their module's name") {
  const CodeUnit unit = ScanCode("code/__torch__/m.py", kCode);
  REQUIRE(unit.functions.size() == 1);
  CHECK(unit.functions[0].name == "__torch__.m.helper");
  CHECK(unit.functions[0].Schema() == "helper(Tensor a) -> Tensor");
}

TEST_CASE("text that is no code gives nothing, and soon") {
  CHECK(ScanCode("code/a.py", "def f(").functions.empty());
  CHECK(ScanCode("code/a.py", "class\nclass :\n  def (\n = : \n").classes.size() == 1);
  std::string hostile;
  for (int i = 0; i < 200'000; ++i) hostile += "def f(\n";
  CHECK(ScanCode("code/a.py", hostile).functions.empty());
}

TEST_CASE("names lose their mangling") {
  CHECK(DemangledName("__torch__.torchvision.___torch_mangle_12.Conv2d") == "torchvision.Conv2d");
  CHECK(DemangledName("List[__torch__.a.B]") == "List[a.B]");
  CHECK(DemangledName("___torch_mangle_x.B") == "___torch_mangle_x.B");
  CHECK(ShortClassName("__torch__.a.B") == "B");
}

}  // namespace
}  // namespace torchassay
