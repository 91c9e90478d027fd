// Every spoilt model ends in a clean verdict of `inspect`, `check` and `validate`, and the runner outlives them all.

#include "testdata/corrupt/corrupt.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "validator/base/json.h"
#include "validator/base/sha256.h"
#include "validator/session/check.h"
#include "validator/session/inspect.h"
#include "validator/session/validate.h"
#include "validator/tensor/safetensors.h"

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

std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

void Write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

Json FileEntry(const std::string& path, const std::string& bytes) {
  return {{"path", path}, {"bytes", bytes.size()}, {"sha256", Sha256(std::as_bytes(std::span(bytes)))}};
}

// A bundle whose hashes are right, so that what is spoilt reaches LibTorch where the archive can be read.
void WriteBundle(const fs::path& folder, const std::string& model) {
  const float values[20] = {};
  const NamedTensors tensors = {{"input.x", {DType::kF32, {20}, std::as_bytes(std::span(values))}},
                                {"output", {DType::kF32, {10}, std::as_bytes(std::span(values)).first(40)}}};
  const std::string data = *SerializeSafetensors(tensors);
  const Json call = {{"file", "cases/0.safetensors"},
                     {"args", {{{"tensor", "input.x"}, {"dtype", "f32"}, {"shape", {20}}}}},
                     {"expects", {{"outputs", {{"tensor", "output"}, {"dtype", "f32"}, {"shape", {10}}}}}}};
  Json manifest = *ParseJson(R"({"schema_version": 1, "created": "", "findings": [], "tolerances": [],
    "producer": {"tool": "", "version": "", "torch": "", "python": "", "platform": ""},
    "source": {"model": "m.py:M", "method": "forward"},
    "conversion": {"mode_asked": "script", "mode_used": "script", "faithful": true, "training": false, "submodules": []},
    "signature": {"method": "forward", "inputs": [], "outputs": []}})",
                             "manifest");
  manifest["files"] = {FileEntry("model.pt", model), FileEntry("cases/0.safetensors", data)};
  manifest["cases"] = {{{"name", "one"}, {"kind", "example"}, {"seed", 0}, {"calls", {call}}}};
  Write(folder / "model.pt", model);
  Write(folder / "cases/0.safetensors", data);
  Write(folder / "manifest.json", DumpJson(manifest));
}

// A folder of the test's own.
fs::path Folder() {
  const char* base = std::getenv("TEST_TMPDIR");
  const fs::path folder = fs::path(base != nullptr ? base : "/tmp") / "torchassay-corrupt";
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

ProcessRunner MakeRunner() { return ProcessRunner("validator/runner/torchassay-runner", ""); }

// Calls `visit` with each spoilt file.
template <typename Visit>
void ForEachVariant(Visit visit) {
  for (const Model& model : kModels) {
    const std::string clean = Bytes(std::string("testdata/fixtures/") + model.name);
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
  const fs::path folder = Folder();
  ProcessRunner runner = MakeRunner();
  int refused = 0;
  int answered = 0;
  ForEachVariant([&](const Model& model, const std::string& bytes) {
    const std::string path = folder / "m.pt";
    Write(path, bytes);
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
  const fs::path folder = Folder();
  ValidateOptions options;
  options.jobs = 2;
  options.timeout_s = 60;
  ForEachVariant([&](const Model&, const std::string& bytes) {
    options.paths.push_back(folder / (std::to_string(options.paths.size()) + ".assay"));
    WriteBundle(options.paths.back(), bytes);
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
