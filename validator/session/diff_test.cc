#include "validator/session/diff.h"

#include <catch2/catch.hpp>

#include "validator/report/diff_json.h"
#include "validator/report/diff_text.h"

namespace torchassay {
namespace {

ModelDiff Of(const std::string& before, const std::string& after) {
  const std::string folder = "testdata/fixtures/";
  Result<ModelDiff> diff = Diff({folder + before, folder + after});
  INFO(diff.status().ToString());
  REQUIRE(diff.ok());
  return std::move(*diff);
}

TEST_CASE("a model does not differ from itself, nor from itself packed again") {
  const ModelDiff diff = Of("scripted_conv.pt", "scripted_conv.pt");
  CHECK(diff.equal());
  CHECK(diff.equal_weights == 9);
  CHECK(RenderDiff(diff, TerminalStyle(Colours::kNever)) ==
        "scripted_conv.pt → scripted_conv.pt: no difference (weights: 9 equal)\n");
  CHECK(Of("scripted_conv.pt", "channels_last.pt").weights.empty());
  CHECK(Of("scripted_conv.pt", "old_version_record.pt").equal());
}

TEST_CASE("every kind of difference has its line") {
  const ModelDiff diff = Of("traced_conv.pt", "traced_conv_changed.pt");
  const std::string text = RenderDiff(diff, TerminalStyle(Colours::kNever));
  CHECK(
      text.starts_with("traced_conv.pt → traced_conv_changed.pt: different\n"
                       "  signature   equal\n"
                       "  modules     1 added\n"));
  CHECK(text.find("  +  4  torch.nn.modules.linear.Linear\n") != std::string::npos);
  CHECK(text.find("  +  aten::linear  1\n") != std::string::npos);
  CHECK(diff.equal_weights == 7);
  REQUIRE(diff.weights.size() == 4);
  CHECK(diff.weights[0].path == "0.weight");
  CHECK(diff.weights[0].changed_elements == 1);
  CHECK(diff.weights[0].ulp->counts[0] == 1);
  CHECK(diff.weights[1].path == "3.bias");
  CHECK(*diff.weights[1].norm_difference == Approx(*diff.weights[1].norm_before / 2));
  CHECK(diff.weights[2].change == Change::kAdded);
}

TEST_CASE("other shapes are a change without numbers") {
  const ModelDiff diff = Of("my_module.pt", "lstm.pt");
  for (const WeightChange& weight : diff.weights) CHECK(weight.elements == 0);
  CHECK_FALSE(diff.signature.empty());
}

TEST_CASE("the same as JSON") {
  const std::string json = RenderDiffJson(Of("traced_conv.pt", "traced_conv_changed.pt"));
  CHECK(json.find("\"equal\": false") != std::string::npos);
  CHECK(json.find("\"path\": \"0.weight\"") != std::string::npos);
  CHECK(json.find("\"sign or NaN\": 0") != std::string::npos);
}

TEST_CASE("what is no model cannot be compared") {
  const Result<ModelDiff> diff = Diff({"testdata/fixtures/state_dict.pt", "testdata/fixtures/lstm.pt"});
  CHECK(diff.status().message() == "`testdata/fixtures/state_dict.pt` is a state_dict, not TorchScript: 9 tensors");
}

}  // namespace
}  // namespace torchassay
