#include "validator/archive/archive.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace torchassay {
namespace {

std::string Path(const std::string& name) { return "testdata/fixtures/" + name; }

ArchiveSummary Read(const std::string& name) {
  Result<ArchiveSummary> archive = ReadArchive(Path(name), {});
  INFO(archive.status().ToString());
  REQUIRE(archive.ok());
  return std::move(*archive);
}

// "f32[4,3,3,3] parameter" by path.
std::map<std::string, std::string> Tensors(const ArchiveSummary& archive) {
  std::map<std::string, std::string> tensors;
  for (const NamedTensor& named : archive.tensors) {
    tensors[named.path] = named.tensor.Describe() + " " + TensorRoleName(named.role) +
                          (named.shares.empty() ? "" : " shares " + named.shares);
  }
  return tensors;
}

std::vector<std::string> Codes(const ArchiveSummary& archive) {
  std::vector<std::string> codes;
  for (const Finding& finding : archive.findings) codes.push_back(finding.code);
  return codes;
}

std::string Bytes(const std::string& name) {
  std::ostringstream bytes;
  bytes << std::ifstream(Path(name), std::ios::binary).rdbuf();
  return bytes.str();
}

TEST_CASE("a traced net: tree, parameters, buffers, example") {
  const ArchiveSummary archive = Read("traced_conv.pt");
  CHECK(archive.kind == ArchiveKind::kTraced);
  REQUIRE(archive.modules.size() == 5);
  CHECK(archive.modules[0].class_name == "Sequential");
  CHECK(archive.modules[4].path == "3");
  CHECK(DemangledName(archive.modules[4].type) == "torch.nn.modules.conv.Conv2d");
  CHECK(Tensors(archive) == std::map<std::string, std::string>{{"0.weight", "f32[4,3,3,3] parameter"},
                                                               {"0.bias", "f32[4] parameter"},
                                                               {"1.weight", "f32[4] parameter"},
                                                               {"1.bias", "f32[4] parameter"},
                                                               {"1.running_mean", "f32[4] buffer"},
                                                               {"1.running_var", "f32[4] buffer"},
                                                               {"1.num_batches_tracked", "i64[] buffer"},
                                                               {"3.weight", "f32[2,4,3,3] parameter"},
                                                               {"3.bias", "f32[2] parameter"}});
  REQUIRE(archive.traced_inputs.size() == 1);
  CHECK(archive.traced_inputs[0].texts == std::vector<std::string>{"f32[1,3,8,8]"});
  CHECK(archive.operators[0].name == "aten::_convolution");
  CHECK(archive.operators[0].count == 2);
}

TEST_CASE("a nested example keeps its structure") {
  const ArchiveSummary archive = Read("traced_nested.pt");
  REQUIRE(archive.traced_inputs.size() == 1);
  CHECK(archive.traced_inputs[0].texts ==
        std::vector<std::string>{"f32[2,3]", "(f32[3], i64[3])", "{\"scale\": f32[1]}"});
  REQUIRE(archive.traced_inputs[0].arguments.size() == 3);
  CHECK(KindName(archive.traced_inputs[0].arguments[2]) == "dict");
}

TEST_CASE("methods have schemas, and lines of the Python they came from") {
  const ArchiveSummary archive = Read("my_module.pt");
  const Method* forward = archive.FindMethod("forward");
  REQUIRE(forward != nullptr);
  CHECK(forward->Schema() == "forward(Tensor input) -> Tensor");
  REQUIRE(forward->source.has_value());
  CHECK(forward->source->file == "models.py");
  CHECK(forward->places.size() >= 3);
  CHECK_FALSE(forward->traced);
}

TEST_CASE("attributes of every kind have a type and a value") {
  const ArchiveSummary archive = Read("attributes.pt");
  std::map<std::string, std::string> values;
  for (const Attribute& attribute : archive.modules[0].attributes) {
    values[attribute.name] = attribute.type + " = " + attribute.value;
  }
  CHECK(values["numbers"] == "Dict[str, int] = {\"a\": 1}");
  CHECK(values["mixed"] == "Tuple[int, float, str] = (1, 2.5, \"hi\")");
  CHECK(values["integers"] == "List[int] = [1, 2, 3]");
  CHECK(values["place"] == "Device = device(\"cpu\")");
  CHECK(Tensors(archive)["tensors[\"a\"]"] == "f32[1] attribute");
  CHECK(Tensors(archive)["list_of_tensors[0]"] == "f32[2] attribute");
  CHECK(Tensors(archive)["kept"] == "i64[3] buffer");
}

TEST_CASE("tensors that share memory are marked") {
  const ArchiveSummary archive = Read("shared_weights.pt");
  CHECK(Tensors(archive)["decoder.weight"] == "f32[5,4] parameter shares encoder.weight");
  CHECK(Tensors(archive)["second.weight"] == "f32[4,4] parameter shares first.weight");
}

TEST_CASE("a frozen net keeps its weights as constants of its code") {
  const ArchiveSummary archive = Read("frozen_conv.pt");
  CHECK(archive.kind == ArchiveKind::kFrozen);
  CHECK(Tensors(archive)["CONSTANTS.c0"] == "f32[4,3,3,3] constant");
  CHECK(archive.tensors[0].tensor.record == "constants/0");
}

TEST_CASE("quantised weights are named with their scheme") {
  const ArchiveSummary archive = Read("quantized_static.pt");
  CHECK(Tensors(archive)["1.state[10]"] == "qint8[4,3,3,3] packed");
  CHECK(Tensors(Read("quantized_dynamic.pt"))["0._packed_params._packed_params[0]"] == "qint8[4,4] packed");
}

TEST_CASE("other layouts of the same net read alike") {
  const std::map<std::string, std::string> plain = Tensors(Read("scripted_conv.pt"));
  CHECK(Tensors(Read("compressed.pt")) == plain);
  CHECK(Tensors(Read("old_version_record.pt")) == plain);
  CHECK(Tensors(Read("channels_last.pt")) == plain);
  CHECK(Read("old_version_record.pt").format_version == Read("scripted_conv.pt").format_version);
  CHECK(Read("mobile_conv.pt").kind == ArchiveKind::kMobile);
  CHECK(Read("mobile_conv.pt").bytecode_version.value_or(0) >= 4);
}

TEST_CASE("extra files are shown where they are text") {
  const ArchiveSummary archive = Read("scripted_conv.pt");
  CHECK(archive.extra_files.at("labels.txt") == "cat\ndog\n");
  CHECK(archive.extra_files.at("blob") == "<2 bytes>");
}

TEST_CASE("a clean file has no findings") {
  for (const char* name :
       {"my_module.pt", "traced_conv.pt", "scripted_conv.pt", "frozen_conv.pt", "attributes.pt", "shared_weights.pt",
        "nested.pt", "two_inputs.pt", "lstm.pt", "embedding.pt", "traced_nested.pt", "constants.pt",
        "half_precision.pt", "quantized_dynamic.pt", "mobile_conv.pt", "compressed.pt", "channels_last.pt"}) {
    INFO(name);
    CHECK(Codes(Read(name)).empty());
    CHECK_FALSE(Read(name).NeedsTrust());
  }
}

TEST_CASE("risks are named") {
  CHECK(Codes(Read("saves_itself.pt")) == std::vector<std::string>{"TA207"});
  CHECK(Read("saves_itself.pt").findings[0].message == "the model calls `aten::save`, which reads or writes files");
  CHECK(Codes(Read("sets_state.pt")) == std::vector<std::string>{"TA208"});
  CHECK(Read("sets_state.pt").findings[0].message ==
        "loading the model runs its own code, `models.SetsState.__setstate__`");
  CHECK(Read("sets_state.pt").NeedsTrust());
  CHECK(Codes(Read("custom_operator.pt")) == std::vector<std::string>{"TA209"});
  CHECK(Codes(Read("baked_device.pt")) == std::vector<std::string>{"TA210"});
}

TEST_CASE("a file of another kind is named, and so is the way on") {
  const std::pair<const char*, const char*> kinds[] = {
      {"state_dict.pt", "a state_dict, not TorchScript: 9 tensors"},
      {"legacy_state_dict.pt", "a state_dict, not TorchScript: 9 tensors (in torch.save's format before 1.6)"},
      {"checkpoint.pt", "a training checkpoint, not TorchScript: a dict with the keys `model`, `epoch`, 9 tensors"},
      {"eager_module.pt",
       "a Python object saved by torch.save, not TorchScript: its class is `torch.nn.modules.container.Sequential`, "
       "whose source the file lacks"},
      {"legacy_module.pt",
       "a Python object saved by torch.save, not TorchScript: its class is `torch.nn.modules.container.Sequential`, "
       "whose source the file lacks (in torch.save's format before 1.6)"},
      {"exported.pt2", "a torch.export program (.pt2), not TorchScript"},
      {"arrays.npz", "a NumPy archive (.npz), not TorchScript"},
      {"packed.gz", "compressed with gzip"},
      {"plain_zip.zip", "a zip archive without `data.pkl`, not TorchScript: it holds `notes/readme.txt`"}};
  for (const auto& [name, kind] : kinds) {
    const Status status = ReadArchive(Path(name), {}).status();
    CHECK(status.finding_code() == "TA201");
    CHECK(status.message() == "`" + Path(name) + "` is " + kind);
    CHECK_FALSE(status.help().empty());
  }
}

TEST_CASE("bytes of every other kind are named") {
  using namespace std::string_literals;
  const std::pair<std::string, const char*> kinds[] = {
      {"", "empty"},
      {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, not the file it points to"},
      {"<!DOCTYPE html><html>", "an HTML page, not a model"},
      {"{\"error\": 404}", "a JSON text, not a model"},
      {"Not Found", "a text file, not a model: it begins `Not Found`"},
      {"import torch\n", "Python source, not a converted model"},
      {"\x10\0\0\0\0\0\0\0{\"a\":1}         "s, "a safetensors file, not TorchScript"},
      {"\x08\x07\x12\x07pytorch\x3a\x02\x0a\x00"s, "an ONNX model, not TorchScript"},
      {"\x93NUMPY\x01"s, "a NumPy array (.npy), not TorchScript"},
      {"\x80\x02}X\x01\0\0\0aK\x01s."s, "a pickled dict, not TorchScript: the keys `a` (a plain pickle)"},
      {"\xde\xad\xbe\xef"s, "of no kind that is known here: a TorchScript file is a zip archive"}};
  for (const auto& [bytes, kind] : kinds) {
    const MemorySource source(std::as_bytes(std::span(bytes)));
    CHECK(ReadArchive(source, "x", {}).status().message() == std::string("`x` is ") + kind);
  }
}

TEST_CASE("one flipped bit in a weight is found, and the weight named") {
  std::string bytes = Bytes("traced_conv.pt");
  const Result<ArchiveSummary> clean = ReadArchive(MemorySource(std::as_bytes(std::span(bytes))), "m", {});
  REQUIRE(clean.ok());
  const std::size_t at = bytes.find("/data/0");
  REQUIRE(at != std::string::npos);
  bytes[at + 200] ^= 4;  // within its 432 bytes, behind the padding of the header
  const Result<ArchiveSummary> damaged = ReadArchive(MemorySource(std::as_bytes(std::span(bytes))), "m", {});
  REQUIRE(damaged.ok());
  REQUIRE(Codes(*damaged) == std::vector<std::string>{"TA203"});
  CHECK(damaged->findings[0].message ==
        "the record `data/0` is damaged: its checksum is wrong, so `0.weight` cannot be trusted");

  ReadOptions trusting;
  trusting.checksums = false;
  CHECK(ReadArchive(MemorySource(std::as_bytes(std::span(bytes))), "m", trusting)->findings.empty());
}

TEST_CASE("no such file, a directory, no regular file") {
  CHECK(ReadArchive("no/such.pt", {}).status().ToString() == "error: no such file `no/such.pt`");
  CHECK(ReadArchive("testdata", {}).status().message() == "`testdata` is a directory, a file was expected");
  CHECK(ReadArchive("/dev/null", {}).status().message() == "`/dev/null` is no regular file");
}

}  // namespace
}  // namespace torchassay
