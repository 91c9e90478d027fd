// Files as older versions of PyTorch wrote them: read alike, or refused in one sentence.

#include <catch2/catch.hpp>

#include "validator/archive/archive.h"
#include "validator/archive/module_bytes.h"
#include "validator/archive/zip_builder.h"

namespace torchassay {
namespace {

using namespace std::string_literals;

Result<ArchiveSummary> Read(const std::string& bytes) {
  return ReadArchive(MemorySource(std::as_bytes(std::span(bytes))), "m.pt", {});
}

std::string FileOfVersion(int version) {
  ZipBuilder zip;
  zip.Add(version < 6 ? "m/version" : "m/.data/version", std::to_string(version) + "\n");
  zip.Add("m/code/__torch__.py", ModuleCode(version));
  zip.Add("m/data.pkl", ModulePickle(3));
  zip.Add("m/constants.pkl", "\x80\x02).");
  zip.Add("m/data/0", std::string(12, '\0'));
  return zip.Build();
}

TEST_CASE("every version of the format since PyTorch 1.3 reads alike") {
  for (int version = 1; version <= 10; ++version) {
    CAPTURE(version);
    const Result<ArchiveSummary> archive = Read(FileOfVersion(version));
    INFO(archive.status().ToString());
    REQUIRE(archive.ok());
    CHECK(archive->format_version == version);
    CHECK(archive->modules[0].class_name == "M");
    REQUIRE(archive->tensors.size() == 1);
    CHECK(archive->tensors[0].path == "weight");
    CHECK(archive->tensors[0].role == TensorRole::kParameter);
    CHECK(archive->tensors[0].tensor.Describe() == "f32[3]");
    CHECK(archive->FindMethod("forward")->Schema() == "forward(Tensor x) -> Tensor");
    REQUIRE(archive->operators.size() == 1);
    CHECK(archive->operators[0].name == "aten::mul");
    CHECK(archive->findings.empty());
  }
}

TEST_CASE("the formats before are refused, each with its way on") {
  ZipBuilder zip;
  zip.Add("m/version", "1\n");
  zip.Add("m/model.json", R"({"protoVersion":"2","mainModule":{"torchscriptArena":{"key":"code/m.py"}}})");
  zip.Add("m/code/m.py", "op_version_set = 0\ndef forward(self,\n    x: Tensor) -> Tensor:\n  return x\n");
  zip.Add("m/tensors/0", std::string(12, '\0'));
  const Status json = Read(zip.Build()).status();
  CHECK(json.ToString() ==
        "error[TA201]: `m.pt` is TorchScript of PyTorch 1.0 to 1.2 (`model.json`), which is not read here\n"
        " = help: load it once in Python and save it again with `torch.jit.save`");

  const Status preview = Read("PYTORCH1"s + std::string(64, '\0')).status();
  CHECK(preview.message() == "`m.pt` is TorchScript of a preview of PyTorch 1.0, which nothing reads any more");
  CHECK_FALSE(preview.help().empty());
}

}  // namespace
}  // namespace torchassay
