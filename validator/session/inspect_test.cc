#include "validator/session/inspect.h"

#include <catch2/catch.hpp>

#include "validator/base/json.h"
#include "validator/report/inspect_json.h"
#include "validator/report/inspect_text.h"

namespace torchassay {
namespace {

Inspection Of(const std::string& name) {
  Result<Inspection> inspection = Inspect({"testdata/fixtures/" + name, true});
  INFO(inspection.status().ToString());
  REQUIRE(inspection.ok());
  return std::move(*inspection);
}

// Without the heading, whose size changes with the text of the Python source.
std::string Text(const std::string& name, InspectView view) {
  const std::string text = RenderInspection(Of(name), view, TerminalStyle(Colours::kNever));
  return text.substr(text.find('\n') + 1);
}

TEST_CASE("the summary shows what a model takes, weighs and computes") {
  CHECK(Text("traced_conv.pt", InspectView::kSummary) ==
        "  forward(Tensor input) -> Tensor\n"
        "    traced with f32[1,3,8,8]\n"
        "  5 modules, 9 tensors, 194 parameters: f32 808 bytes, i64 8 bytes\n"
        "  the checksums of 25 records are right\n"
        "  operators: aten::_convolution ×2, aten::batch_norm ×1, aten::relu ×1\n"
        "\n"
        "  module  class        parameters       size\n"
        "  (root)  Sequential          194  816 bytes\n"
        "  ├─ 0    Conv2d              112  448 bytes\n"
        "  ├─ 1    BatchNorm2d           8   72 bytes\n"
        "  ├─ 2    ReLU\n"
        "  └─ 3    Conv2d               74  296 bytes\n");
}

TEST_CASE("the tree shows each tensor below its module") {
  const std::string text = Text("shared_weights.pt", InspectView::kTree);
  const std::size_t decoder = text.find("─ decoder");
  const std::size_t weight = text.find("weight", decoder);
  REQUIRE(weight != std::string::npos);
  const std::string line = text.substr(weight, text.find('\n', weight) - weight);
  CHECK(line.starts_with("weight "));
  CHECK(line.ends_with("80 bytes  shares encoder.weight"));
}

TEST_CASE("the code stands beside the Python lines that it came from") {
  const std::string text = Text("my_module.pt", InspectView::kCode);
  CHECK(text.find("# class __torch__.models.MyModule(Module)\n") != std::string::npos);
  CHECK(text.find("    if bool(torch.gt(torch.sum(input), 0)):") != std::string::npos);
  CHECK(text.find("# models.py:") != std::string::npos);
}

TEST_CASE("operators that are a risk are marked") {
  const std::string text = Text("saves_itself.pt", InspectView::kOps);
  CHECK(text.find("        1  aten::save  touches files  models.SavesItself.forward\n") != std::string::npos);
  CHECK(text.find("warning[TA207]: the model calls `aten::save`, which reads or writes files\n") != std::string::npos);
  CHECK(Of("saves_itself.pt").verdict == ModelVerdict::kPassed);
}

TEST_CASE("JSON says the same, and holds code only where it is asked for") {
  const Inspection inspection = Of("quantized_static.pt");
  const Result<Json> json = ParseJson(RenderInspectionJson(inspection, InspectView::kSummary), "inspect.json");
  REQUIRE(json.ok());
  CHECK((*json)["kind"] == "traced");
  CHECK((*json)["risks"]["runs_on_load"][0] == "__torch__.torch.ao.nn.quantized.modules.conv.Conv2d.__setstate__");
  CHECK((*json)["summary"]["bytes_by_dtype"]["qint8"] == 108);
  CHECK((*json)["traced_inputs"][0]["arguments"][0] == "f32[1,3,8,8]");
  CHECK((*json)["findings"][0]["code"] == "TA208");
  CHECK_FALSE((*json)["classes"][0]["methods"][0].contains("code"));
  CHECK(RenderInspectionJson(inspection, InspectView::kCode).find("\"code\": \"def ") != std::string::npos);
}

}  // namespace
}  // namespace torchassay
