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
  REQUIRE(fact.frames.size() == 1);
  CHECK(fact.frames[0].path == "/home/ada/my.py");
  CHECK(fact.frames[0].line == 12);
  CHECK(fact.frames[0].function == "forward");
  CHECK(fact.frames[0].statement == "output = self.weight.mv(input)");
  CHECK(FactText(fact) ==
        "size mismatch, got input (10), mat (10x20), vec (3) (my.py:12: `output = self.weight.mv(input)`)");
}

TEST_CASE("an error of C++ loses its frames and its internal names") {
  const ErrorFact fact = CutError(
      "Expected c10::Half but got at::Tensor\nException raised from check at x.cpp:3 (most recent call first):\nframe "
      "#0");
  CHECK(fact.reason == "Expected Half but got Tensor");
  CHECK(fact.frames.empty());
}

TEST_CASE("a class of the user's own stays in the reason") {
  CHECK(CutError("Traceback of TorchScript (most recent call last):\n  File \"a.py\", line 3, in forward\n    raise\n"
                 "    ~~~~~ <--- HERE\nValueError: too large\n")
            .reason == "ValueError: too large");
}

TEST_CASE("a scripted stack names the author's line, and PyTorch's own behind it") {
  CHECK(FactText(CutError("Traceback of TorchScript, original code (most recent call last):\n"
                          "  File \"/home/ada/net.py\", line 9, in forward\n"
                          "        y = self.conv(x)\n"
                          "            ~~~~~~~~~ <--- HERE\n"
                          "        return y\n"
                          "  File \"/v/site-packages/torch/nn/modules/conv.py\", line 560, in _conv_forward\n"
                          "        return F.conv2d(\n"
                          "               ~~~~~~~~ <--- HERE\n"
                          "            input, weight\n"
                          "RuntimeError: expected 3 channels\n")) ==
        "expected 3 channels (net.py:9: `y = self.conv(x)`, in conv.py:560)");
}

TEST_CASE("so does a traced stack, which holds no statements, and a scripted one within a traced one") {
  constexpr const char* kTraced =
      "Traceback of TorchScript, original code (most recent call last):\n"
      "/v/site-packages/torch/nn/modules/conv.py(560): _conv_forward\n"
      "/v/site-packages/torch/nn/modules/module.py(1778): _wrapped_call_impl\n"
      "/home/ada/net.py(9): forward\n"
      "/home/ada/main.py(3): <module>\n";
  CHECK(FactText(CutError(std::string(kTraced) + "RuntimeError: expected 3 channels")) ==
        "expected 3 channels (net.py:9, in conv.py:560)");
  CHECK(FactText(CutError(std::string(kTraced) + "  File \"/home/ada/part.py\", line 4, in forward\n"
                                                 "        return x @ y\n"
                                                 "               ~~~~~ <--- HERE\n"
                                                 "RuntimeError: expected 3 columns")) ==
        "expected 3 columns (part.py:4: `return x @ y`)");
}

TEST_CASE("a text that is no stack is its own reason") { CHECK(FactText(CutError("boom")) == "boom"); }

TEST_CASE("memory that could not be had is told by its size") {
  CHECK(MemoryText(
            "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
            "allocate 1200000000000 bytes. Error code 12 (Cannot allocate memory)") ==
        "the model asked for more memory than there is: 1.1 TiB at once");
  CHECK(MemoryText("std::bad_alloc") == "the model asked for more memory than there is");
}

TEST_CASE("nobody reads a reason of megabytes") { CHECK(FactText(CutError(std::string(1 << 22, 'x'))).size() < 2010); }

}  // namespace
}  // namespace torchassay
