// Every spoilt model ends in a clean verdict of `inspect`, `check` and `validate`, and the runner outlives them all.

#include "testdata/corrupt/corrupt.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "validator/session/check.h"
#include "validator/session/inspect.h"
#include "validator/session/test_bundle.h"
#include "validator/session/validate.h"

namespace torchassay {
namespace {

namespace fs = std::filesystem;

struct Model {
  const char* name;
  const char* input;  // a legal one
};
constexpr Model kModels[] = {
    {"my_module.pt", "f32[20]"},          {"traced_conv.pt", "f32[1,3,8,8]"}, {"scripted_conv.pt", "f32[1,3,8,8]"},
    {"frozen_conv.pt", "f32[1,3,8,8]"},   {"pipeline.pt", "f32[2]"},          {"shared_weights.pt", "i64[2]"},
    {"quantized_dynamic.pt", "f32[1,4]"}, {"lstm.pt", "f32[1,2,4]"},          {"constants.pt", "f32[3]"},
    {"compressed.pt", "f32[1,3,8,8]"}};
constexpr int kSeedsPerRecipe = 5;  // times 12 recipes times 10 models: 600 variants

ProcessRunner MakeRunner() { return ProcessRunner("validator/runner/torchassay-runner", ""); }

// Calls `visit` with each spoilt file.
template <typename Visit>
void ForEachVariant(Visit visit) {
  for (const Model& model : kModels) {
    const std::string clean = FileBytes(std::string("testdata/fixtures/") + model.name);
    REQUIRE(clean.size() > 64);
    for (const Recipe recipe : kRecipes) {
      for (int seed = 0; seed < kSeedsPerRecipe; ++seed) {
        INFO(model.name << " " << RecipeName(recipe) << " " << seed);
        visit(model, Corrupt(clean, recipe, static_cast<std::uint32_t>(1000 + seed)));
      }
    }
  }
}

TEST_CASE("600 spoilt files are inspected and checked, each to a verdict of its own") {
  const fs::path folder = TestFolder("torchassay-corrupt");
  ProcessRunner runner = MakeRunner();
  int refused = 0;
  int answered = 0;
  ForEachVariant([&](const Model& model, const std::string& bytes) {
    const std::string path = folder / "m.pt";
    WriteFileBytes(path, bytes);
    const Result<Inspection> inspected = Inspect({.path = path});
    if (!inspected.ok()) CHECK(inspected.status().finding_code().starts_with("TA20"));
    CheckOptions options;
    options.path = path;
    options.inputs = {model.input};
    options.timeout_s = 30;
    const Result<Report> checked = Check(options, runner);
    if (!checked.ok()) {
      ++refused;
      CHECK(checked.status().finding_code().starts_with("TA2"));
      CHECK_FALSE(checked.status().message().empty());
    } else {
      ++answered;
      CHECK((checked->verdict == ModelVerdict::kPassed || !checked->findings.empty()));
    }
  });
  CHECK(refused > 400);
  CHECK(refused + answered == 600);
  CheckOptions clean;
  clean.path = "testdata/fixtures/my_module.pt";
  clean.inputs = {"f32[20]"};
  const Result<Report> after = Check(clean, runner);
  REQUIRE(after.ok());
  CHECK(after->verdict == ModelVerdict::kPassed);
  fs::remove_all(folder);
}

TEST_CASE("600 spoilt bundles are validated in one run, and not one passes") {
  const fs::path folder = TestFolder("torchassay-corrupt");
  ValidateOptions options;
  options.jobs = 2;
  options.timeout_s = 60;
  ForEachVariant([&](const Model&, const std::string& bytes) {
    options.paths.push_back(folder / (std::to_string(options.paths.size()) + ".assay"));
    WriteTestBundle(options.paths.back(), bytes);
  });
  ProcessRunner runner = MakeRunner();
  const Result<Report> report = Validate(options, runner);
  REQUIRE(report.ok());
  REQUIRE(report->models.size() == 600);
  for (const ModelReport& model : report->models) {
    INFO(model.name);
    CHECK(model.verdict != ModelVerdict::kPassed);
    CHECK(model.verdict != ModelVerdict::kNothingChecked);
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace torchassay
