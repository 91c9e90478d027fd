#include "validator/manifest/bundle.h"

#include <catch2/catch.hpp>

#include "validator/base/fake_file_system.h"
#include "validator/base/sha256.h"

namespace torchassay {
namespace {

std::string FileJson(const std::string& path, const std::string& content) {
  return "{\"path\": \"" + path + "\", \"bytes\": " + std::to_string(content.size()) + ", \"sha256\": \"" +
         Sha256(std::as_bytes(std::span(content))) + "\"}";
}

// A safetensors file of one tensor `x` = f32[2].
std::string CaseText() {
  std::string header = R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string text(8, '\0');
  text[0] = static_cast<char>(header.size());
  return text + header + std::string(8, '\0');
}

std::string ManifestText(const std::string& files, const std::string& case_file,
                         const std::string& output = R"({"none": null})") {
  return R"({"schema_version": 1, "producer": {"tool": "t", "version": "1"}, "source": {"model": "m.py:M"},
 "conversion": {"mode_asked": "trace", "mode_used": "trace"}, "signature": {}, "files": [)" +
         files + R"(], "cases": [{"name": "example", "kind": "example", "calls": [{"file": )" +
         (case_file.empty() ? "null" : "\"" + case_file + "\"") + R"(, "expects": {"outputs": )" + output + "}}]}]}";
}

// A bundle at "/b" with a model and one case file.
FakeFileSystem Disk() {
  FakeFileSystem files;
  files.Add("/b/model.pt", "model");
  files.Add("/b/cases/000.safetensors", CaseText());
  files.Add("/b/manifest.json",
            ManifestText(FileJson("model.pt", "model") + "," + FileJson("cases/000.safetensors", CaseText()),
                         "cases/000.safetensors"));
  return files;
}

std::string OpenMessage(const FileSystem& files, const std::string& path = "/b") {
  const std::string text = OpenBundle(files, path).status().ToString();
  return text.substr(0, text.find('\n'));
}

TEST_CASE("a bundle opens, and its files are what was recorded") {
  const FakeFileSystem files = Disk();
  CHECK(LooksLikeBundle(files, "/b"));
  const Result<Bundle> bundle = OpenBundle(files, "/b");
  REQUIRE(bundle.ok());
  CHECK(bundle->model_path == "/b/model.pt");
  CHECK(VerifyCases(files, *bundle).ok());
  CHECK((*VerifyFile(files, *bundle, "model.pt"))->bytes().size() == 5);
}

TEST_CASE("what is no bundle is said plainly") {
  FakeFileSystem files = Disk();
  files.Add("/model.pt", "x");
  files.Add("/folder/x", "x");
  CHECK_FALSE(LooksLikeBundle(files, "/folder"));
  CHECK(OpenMessage(files, "/nowhere") == "error: no such bundle `/nowhere`");
  CHECK(OpenMessage(files, "/model.pt") == "error[TA211]: `/model.pt` is a file, a bundle is a folder");
  CHECK(OpenMessage(files, "/folder") == "error[TA211]: `/folder` is no bundle: it holds no `manifest.json`");
  files.Add("/b/manifest.json", "");
  CHECK(
      OpenMessage(files) ==
      "error[TA211]: `b`: `manifest.json` line 1, column 1: unexpected end of input; expected '[', '{', or a literal");
}

TEST_CASE("a changed file is stale, by size or by content") {
  FakeFileSystem files = Disk();
  const Result<Bundle> bundle = OpenBundle(files, "/b");
  files.Add("/b/model.pt", "modem");
  CHECK(VerifyFile(files, *bundle, "model.pt").status().ToString() ==
        "error[TA213]: `model.pt` is not what the manifest recorded: its SHA-256 differs\n"
        " = help: convert the model again: nothing in a bundle may be edited");
  files.Add("/b/model.pt", "");
  CHECK(VerifyFile(files, *bundle, "model.pt").status().message() ==
        "`model.pt` is not what the manifest recorded: it has 0 bytes, not 5");
  files.Add("/b/cases/000.safetensors", "case");
  CHECK(VerifyCases(files, *bundle).message() ==
        "`cases/000.safetensors` is not what the manifest recorded: it has 4 bytes, not 72");
}

TEST_CASE("a manifest that contradicts its files is refused") {
  const auto verify = [](const std::string& output, const std::string& file = "cases/000.safetensors") {
    FakeFileSystem files = Disk();
    const std::string listed = FileJson("model.pt", "model") + "," + FileJson("cases/000.safetensors", CaseText());
    files.Add("/b/manifest.json", ManifestText(listed, file, output));
    const Result<Bundle> bundle = OpenBundle(files, "/b");
    REQUIRE(bundle.status().ToString() == "ok");
    return VerifyCases(files, *bundle).ToString();
  };
  CHECK(verify(R"({"list": [{"tensor": "x", "dtype": "f32", "shape": [2]}]})") == "ok");
  CHECK(verify(R"({"tensor": "x", "dtype": "f64", "shape": [2]})") ==
        "error[TA211]: case `example` uses the tensor `x` as f64[2], but `cases/000.safetensors` holds f32[2]");
  CHECK(verify(R"({"tensor": "x", "dtype": "f32", "shape": [1, 2]})") ==
        "error[TA211]: case `example` uses the tensor `x` as f32[1,2], but `cases/000.safetensors` holds f32[2]");
  CHECK(verify(R"({"tensor": "y", "dtype": "f32", "shape": [2]})") ==
        "error[TA211]: case `example` uses the tensor `y`, which `cases/000.safetensors` does not hold");
  CHECK(verify(R"({"tensor": "x", "dtype": "f32", "shape": [2]})", "") ==
        "error[TA211]: case `example` uses the tensor `x`, but names no file");
}

TEST_CASE("a missing or unlisted file is named") {
  FakeFileSystem files = Disk();
  files.Add("/b/manifest.json",
            ManifestText(FileJson("model.pt", "model") + "," + FileJson("cases/001.x", "case"), "cases/001.x"));
  CHECK(OpenMessage(files) == "error[TA214]: `b`: the bundle lacks its file `cases/001.x`");
  files.Add("/b/manifest.json", ManifestText(FileJson("model.pt", "model"), "cases/000.safetensors"));
  CHECK(OpenMessage(files) ==
        "error[TA214]: `b`: case `example` uses `cases/000.safetensors`, which the manifest does not list among its "
        "files");
  files.Add("/b/manifest.json", ManifestText("", "x"));
  CHECK(OpenMessage(files) == "error[TA214]: `b`: the manifest lists no `model.pt` among its files");
  const Result<Bundle> bundle = OpenBundle(Disk(), "/b");
  CHECK(VerifyFile(files, *bundle, "other").status().message() == "the manifest does not list `other` among its files");
}

TEST_CASE("a link out of the bundle is refused, a link to the bundle is not") {
  FakeFileSystem files = Disk();
  files.AddLink("/alias", "/b");
  CHECK(OpenBundle(files, "/alias").ok());
  files.Add("/secret", "model");
  files.AddLink("/b/model.pt", "/secret");
  CHECK(OpenMessage(files) == "error[TA206]: `b`: the file `model.pt` is a link that leads out of the bundle");
  CHECK(OpenBundle(files, "/b").status().code() == StatusCode::kRefused);
}

}  // namespace
}  // namespace torchassay
