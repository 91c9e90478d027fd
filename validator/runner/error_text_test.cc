#include "validator/runner/error_text.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

constexpr const char* kStack =
    "The following operation failed in the TorchScript interpreter.\n"
    "Traceback of TorchScript, serialized code (most recent call last):\n"
    "  File \"code/__torch__/my.py\", line 8, in forward\n"
    "    if _0:\n"
    "      _1 = torch.mv(self.weight, input)\n"
    "           ~~~~~~~~ <--- HERE\n"
    "\n"
    "Traceback of TorchScript, original code (most recent call last):\n"
    "  File \"/home/ada/my.py\", line 12, in forward\n"
    "        if input.sum() > 0:\n"
    "            output = self.weight.mv(input)\n"
    "                     ~~~~~~~~~~~~~~ <--- HERE\n"
    "        else:\n"
    "            output = self.weight + input\n"
    "RuntimeError: size mismatch, got input (10), mat (10x20), vec (3)\n";

TEST_CASE("a TorchScript stack is cut to reason, place and statement") {
  const ErrorFact fact = CutError(kStack);
  CHECK(fact.reason == "size mismatch, got input (10), mat (10x20), vec (3)");
  CHECK(fact.file == "my.py");
  CHECK(fact.line == 12);
  CHECK(fact.function == "forward");
  CHECK(fact.statement == "output = self.weight.mv(input)");
  CHECK(FactText(fact) ==
        "size mismatch, got input (10), mat (10x20), vec (3) (my.py:12: `output = self.weight.mv(input)`)");
}

TEST_CASE("an error of C++ loses its frames and its internal names") {
  const ErrorFact fact = CutError(
      "Expected c10::Half but got at::Tensor\nException raised from check at x.cpp:3 (most recent call first):\nframe "
      "#0");
  CHECK(fact.reason == "Expected Half but got Tensor");
  CHECK(fact.file.empty());
}

TEST_CASE("a class of the user's own stays in the reason") {
  CHECK(CutError("Traceback of TorchScript (most recent call last):\n  File \"a.py\", line 3, in forward\n    raise\n"
                 "    ~~~~~ <--- HERE\nValueError: too large\n")
            .reason == "ValueError: too large");
}

TEST_CASE("a text that is no stack is its own reason") { CHECK(FactText(CutError("boom")) == "boom"); }

}  // namespace
}  // namespace torchassay
