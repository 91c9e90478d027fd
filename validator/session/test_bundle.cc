#include "validator/session/test_bundle.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>

#include "validator/base/json.h"
#include "validator/base/sha256.h"
#include "validator/tensor/safetensors.h"

namespace torchassay {
namespace {

namespace fs = std::filesystem;

Json FileEntry(const std::string& path, const std::string& bytes) {
  return {{"path", path}, {"bytes", bytes.size()}, {"sha256", Sha256(std::as_bytes(std::span(bytes)))}};
}

}  // namespace

std::string FileBytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

void WriteFileBytes(const std::string& path, const std::string& bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

void WriteTestBundle(const std::string& folder, const std::string& model) {
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
    "signature": {"method": "forward", "inputs": [{"path": "x", "spec": "f32[20]"}], "outputs": []}})",
                             "manifest");
  manifest["files"] = {FileEntry("model.pt", model), FileEntry("cases/0.safetensors", data)};
  manifest["cases"] = {{{"name", "one"}, {"kind", "example"}, {"seed", 0}, {"calls", {call}}}};
  WriteFileBytes(folder + "/model.pt", model);
  WriteFileBytes(folder + "/cases/0.safetensors", data);
  WriteFileBytes(folder + "/manifest.json", DumpJson(manifest));
}

std::string TestFolder(const std::string& name) {
  const char* base = std::getenv("TEST_TMPDIR");
  const fs::path folder = fs::path(base != nullptr ? base : "/tmp") / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

}  // namespace torchassay
