#include "validator/manifest/manifest.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

// A manifest that uses every member; `tests` change one line of it.
const std::string kWhole = R"({
 "schema_version": 1,
 "producer": {"tool": "torchassay", "version": "0.1.0", "torch": "2.13.0", "python": "3.11.7", "platform": "linux-x86_64"},
 "created": "2026-11-23T20:28:00Z",
 "source": {"model": "model.py:build", "file": "model.py", "sha256": null, "kwargs": {}, "weights": null, "method": "forward"},
 "conversion": {"mode_asked": "auto", "mode_used": "hybrid", "faithful": true, "training": false,
  "submodules": [{"path": "layer1.0", "class": "BasicBlock", "mode": "trace", "why": "no leak"}]},
 "files": [{"path": "model.pt", "bytes": 3, "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}],
 "signature": {"method": "forward", "inputs": [{"path": "x", "spec": "f32[B:1..8,3]"}], "outputs": [{"path": "output", "spec": "f32[B,4]"}]},
 "tolerances": [{"output": "output", "rtol": 1.3e-06, "atol": 1e-05, "origin": "measured noise"}],
 "cases": [
  {"name": "example", "kind": "example", "seed": 0, "calls": [
   {"file": "cases/000.safetensors", "repeat": 2, "args": [{"tensor": "input.x", "dtype": "f32", "shape": [1, 3]}], "kwargs": {"scale": {"float": 0.5}},
    "expects": {"outputs": {"tensor": "output", "dtype": "f32", "shape": [1, 4]}},
    "submodules": [{"path": "layer1.0", "call": 1, "output": {"tensor": "submodule.layer1.0#1.output", "dtype": "f32", "shape": [1, 4]}}]}]},
  {"name": "empty-batch", "kind": "boundary", "calls": [{"expects": {"raises": {"type": "ValueError", "message": "no rows"}}}]}],
 "findings": [{"code": "TA101", "verdict": "repaired", "severity": "error", "file": "model.py", "line": 12, "message": "a branch", "help": ""}],
 "a_key_of_the_future": [1, 2]
})";

std::string With(const std::string& old_text, const std::string& new_text) {
  std::string text = kWhole;
  const std::size_t at = text.find(old_text);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old_text.size(), new_text);
}

// The first line of what is said about a manifest, with its code.
std::string Complaint(const std::string& text) {
  const std::string whole = ParseManifest(text, "manifest.json").status().ToString();
  return whole.substr(0, whole.find('\n'));
}

TEST_CASE("a whole manifest is mirrored") {
  const Result<Manifest> manifest = ParseManifest(kWhole, "manifest.json");
  REQUIRE(manifest.status().ToString() == "ok");
  CHECK(manifest->producer.torch == "2.13.0");
  CHECK(manifest->created == "2026-11-23T20:28:00Z");
  CHECK(manifest->source.file == "model.py");
  CHECK_FALSE(manifest->source.sha256);
  CHECK(manifest->conversion.faithful);
  CHECK(manifest->conversion.submodules.at(0).class_name == "BasicBlock");
  CHECK(manifest->files.at(0).bytes == 3);
  CHECK(manifest->signature.inputs.at(0).spec == "f32[B:1..8,3]");
  CHECK(manifest->tolerances.at(0).rtol == 1.3e-6);
  REQUIRE(manifest->cases.size() == 2);
  const CaseCall& call = manifest->cases[0].calls.at(0);
  CHECK(call.repeat == 2);
  CHECK(call.kwargs.at(0).first == "scale");
  CHECK(std::get<TensorRef>(std::get<Value>(call.expects).content).shape == Shape{1, 4});
  CHECK(call.submodules.at(0).call == 1);
  CHECK(manifest->cases[1].kind == CaseKind::kBoundary);
  CHECK(std::get<Raises>(manifest->cases[1].calls.at(0).expects).message == "no rows");
  CHECK(manifest->findings.at(0).line == 12);
}

TEST_CASE("a newer schema is refused before anything else is read") {
  const Status status = ParseManifest("{\"schema_version\": 2, \"cases\": 7}", "manifest.json").status();
  CHECK(status.code() == StatusCode::kUnsupported);
  CHECK(status.ToString() ==
        "error[TA212]: `manifest.json` has schema version 2, this program reads versions up to 1\n"
        " = help: validate it with a torchassay as new as the one that wrote it");
  CHECK(Complaint("{\"schema_version\": 0}") ==
        "error[TA211]: `manifest.json` has schema version 0, the first one is 1");
  CHECK(Complaint("{\"schema_version\": \"1\"}") ==
        "error[TA211]: `manifest.json` line 1, column 20: `schema_version` must be an integer, not the string `1`");
  CHECK(Complaint("{}") == "error[TA211]: `manifest.json` line 1, column 1: the member `schema_version` is missing");
}

TEST_CASE("a text that is no manifest is shown with a caret") {
  CHECK(ParseManifest("{\"schema_version\": 1,}", "manifest.json").status().ToString() ==
        "error[TA211]: `manifest.json` line 1, column 22: unexpected '}'; expected string literal\n"
        "   1 | {\"schema_version\": 1,}\n"
        "     |                      ^");
}

TEST_CASE("a path that leads out of the bundle is refused") {
  const Status status = ParseManifest(With("\"model.pt\"", "\"../model.pt\""), "manifest.json").status();
  CHECK(status.code() == StatusCode::kRefused);
  CHECK(Complaint(With("\"model.pt\"", "\"../model.pt\"")) ==
        "error[TA206]: `manifest.json` line 8, column 21: the path `../model.pt` leaves the bundle with `..`");
  CHECK(Complaint(With("\"cases/000.safetensors\"", "\"/etc/passwd\"")) ==
        "error[TA206]: `manifest.json` line 13, column 13: the path `/etc/passwd` is absolute");
}

TEST_CASE("names stand once") {
  CHECK(Complaint(With("\"empty-batch\"", "\"example\"")) ==
        "error[TA211]: `manifest.json` line 16, column 12: two items of `cases` have the name `example`");
}

TEST_CASE("numbers that would let anything pass are refused") {
  CHECK(Complaint(With("1.3e-06", "\"inf\"")) ==
        "error[TA211]: `manifest.json` line 10, column 46: `tolerances[0].rtol` must be a finite number of 0 or more, "
        "not the string `inf`");
  CHECK(Complaint(With("1e-05", "-1")) ==
        "error[TA211]: `manifest.json` line 10, column 63: `tolerances[0].atol` must be a finite number of 0 or more, "
        "not -1");
  CHECK(Complaint(With("\"repeat\": 2", "\"repeat\": 0")) ==
        "error[TA211]: `manifest.json` line 13, column 48: `cases[0].calls[0].repeat` must be a count of 1 to a "
        "million, not 0");
  CHECK(Complaint(With("\"repeat\": 2", "\"repeat\": 1000000000000000000")).ends_with("not 1000000000000000000"));
  CHECK(Complaint(With("{\"output\": \"output\", \"rtol\"", "{\"output\": \"\", \"rtol\""))
            .ends_with("`tolerances[0].output` must be the path of an output, not the string ``"));
  CHECK(Complaint(With("\"bytes\": 3", "\"bytes\": -3")) ==
        "error[TA211]: `manifest.json` line 8, column 42: `files[0].bytes` must be a number of bytes, not -3");
}

TEST_CASE("an alias is an earlier input of the same kind") {
  const auto twin = [](const std::string& input) {
    return Complaint(With("\"kwargs\": {\"scale\": {\"float\": 0.5}}", "\"kwargs\": {\"y\": " + input + "}"));
  };
  CHECK(twin(R"({"tensor": "input.y", "dtype": "f32", "shape": [1, 3], "alias": "input.x"})") == "ok");
  CHECK(twin(R"({"tensor": "input.y", "dtype": "f32", "shape": [1, 3], "alias": "input.z"})")
            .ends_with("the `alias` `input.z` of `input.y` is no earlier input of this call"));
  CHECK(twin(R"({"tensor": "input.y", "dtype": "f32", "shape": [3], "alias": "input.x"})")
            .ends_with("the `alias` `input.x` of `input.y` is another tensor: f32[1,3], not f32[3]"));
}

TEST_CASE("what a check needs must be there") {
  CHECK(Complaint(With("\"expects\": {\"raises\"", "\"expect\": {\"raises\"")) ==
        "error[TA211]: `manifest.json` line 16, column 57: `cases[1].calls[0]` lacks the member `expects`");
  CHECK(Complaint(With("\"kind\": \"example\"", "\"kind\": \"sample\"")) ==
        "error[TA211]: `manifest.json` line 12, column 31: `cases[0].kind` must be `example`, `sampled`, `boundary` or "
        "`counterexample`, not the string `sample`");
  CHECK(Complaint(With("[{\"expects\": {\"raises\": {\"type\": \"ValueError\", \"message\": \"no rows\"}}}]", "[]")) ==
        "error[TA211]: `manifest.json` line 16, column 56: `cases[1].calls` must be at least one call, not an "
        "empty array");
  CHECK(Complaint(With("0000000000000000\"}", "\"}")) ==
        "error[TA211]: `manifest.json` line 8, column 55: `files[0].sha256` must be 64 lower-case hexadecimal digits, "
        "not the string `000000000000000000000000000000000000000000000000`");
}

}  // namespace
}  // namespace torchassay
