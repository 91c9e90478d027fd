#include "validator/runner/source_frame.h"

#include <catch2/catch.hpp>
#include <vector>

namespace torchassay {
namespace {

SourceFrame Frame(const std::string& path, int line) { return {path, line, "forward", ""}; }

TEST_CASE("the author's innermost line comes first, PyTorch's own behind it") {
  const std::vector<SourceFrame> frames = {Frame("/venv/lib/python3.11/site-packages/torch/nn/modules/conv.py", 560),
                                           Frame("/venv/lib/python3.11/site-packages/torch/nn/modules/conv.py", 565),
                                           Frame("/home/ada/net.py", 9), Frame("/home/ada/net.py", 17)};
  CHECK(AuthorsFrame(frames) == 2);
  CHECK(PlaceText(frames) == "net.py:9 (in conv.py:560)");
}

TEST_CASE("code that a program made is nobody's, unless there is no other") {
  CHECK(PlaceText(std::vector<SourceFrame>{Frame("<string>", 8), Frame("/home/ada/net.py", 9)}) ==
        "net.py:9 (in <string>:8)");
  CHECK(PlaceText(std::vector<SourceFrame>{Frame("/v/site-packages/torch/nn/modules/conv.py", 5),
                                           Frame("<string>", 8)}) == "<string>:8 (in conv.py:5)");
}

TEST_CASE("an operator that the author calls stands alone") {
  CHECK(PlaceText(std::vector<SourceFrame>{Frame("/home/ada/net.py", 9), Frame("/home/ada/main.py", 2)}) == "net.py:9");
}

TEST_CASE("where no line is the author's, the innermost is shown") {
  CHECK(PlaceText(std::vector<SourceFrame>{Frame("/usr/lib/dist-packages/torch/nn/functional.py", 3),
                                           Frame("/src/pytorch/torch/nn/modules/linear.py", 4)}) == "functional.py:3");
  CHECK(PlaceText({}) == "");
}

TEST_CASE("packages whose names begin like PyTorch's are an author's") {
  const std::vector<SourceFrame> frames = {Frame("code/__torch__/torch/nn/modules/conv.py", 29),
                                           Frame("/v/site-packages/torchvision/models/resnet.py", 92)};
  CHECK(PlaceText(frames) == "resnet.py:92 (in code/__torch__/torch/nn/modules/conv.py:29)");
}

TEST_CASE("a line of a traced stack has a path, a number and a function") {
  const auto frame = ParseTracedFrame("/home/ada (old)/net.py(9): forward");
  REQUIRE(frame.has_value());
  CHECK(frame->path == "/home/ada (old)/net.py");
  CHECK(frame->line == 9);
  CHECK(frame->function == "forward");
  CHECK_FALSE(ParseTracedFrame("return f(x): y").has_value());
  CHECK_FALSE(ParseTracedFrame("expected (3): got 4").has_value());
  CHECK_FALSE(ParseTracedFrame("").has_value());
}

TEST_CASE("a traced stack begins with its first line") {
  const auto frames = ParseTracedStack(
      "/v/site-packages/torch/nn/modules/conv.py(560): _conv_forward\nipython(1): <module>\n/home/ada/net.py(9): "
      "forward");
  REQUIRE(frames.size() == 2);
  CHECK(PlaceText(frames) == "net.py:9 (in conv.py:560)");
  CHECK(ParseTracedStack("def forward(self, x):\n  # net.py(9): forward\n").empty());
  CHECK(ParseTracedStack("").empty());
}

TEST_CASE("a line of a scripted stack too") {
  const auto frame = ParseScriptedFrame("  File \"a/net.py\", line 8, in forward");
  REQUIRE(frame.has_value());
  CHECK(FrameText(*frame) == "net.py:8");
  CHECK(frame->function == "forward");
  CHECK_FALSE(ParseScriptedFrame("  File \"a/net.py").has_value());
}

}  // namespace
}  // namespace torchassay
