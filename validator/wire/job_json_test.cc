#include "validator/wire/job_json.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

template <typename T>
T ThroughText(const Json& json, T (*decode)(const JsonNode&)) {
  Result<JsonDocument> document = JsonDocument::Parse(DumpJson(json), "wire");
  REQUIRE(document.ok());
  T value = decode(document->root());
  CHECK(document->status().ok());
  return value;
}

TEST_CASE("a job survives the wire") {
  Job job;
  job.kind = JobKind::kBench;
  job.model_path = "a b.pt";
  job.inputs = {"ones:x=f32[20]", "mode=\"\n\""};
  job.tolerances = {{"output", DType::kF16, {0.5, 0}}};
  job.memory_bytes = 1 << 20;
  const Job back = ThroughText(EncodeJob(job), DecodeJob);
  CHECK(DumpJson(EncodeJob(back)) == DumpJson(EncodeJob(job)));
  CHECK(back.inputs == job.inputs);
}

TEST_CASE("a result survives the wire, with everything that may be absent") {
  CHECK(DumpJson(EncodeJobResult(ThroughText(EncodeJobResult({}), DecodeJobResult))) == DumpJson(EncodeJobResult({})));
}

TEST_CASE("a full result survives the wire") {
  JobResult result;
  result.outcome = Outcome::kTimedOut;
  result.detail = "did not finish";
  result.findings.push_back({.code = "TA503", .message = "m"});
  TensorSpec spec;
  spec.dims.resize(2);
  spec.dims[1].lo = 3;
  spec.dims[1].hi = kNoLargestSize;
  result.signature =
      Signature{"forward", {{"x", "Tensor", {spec}, "None", Origin::kInferred, {{"a", "b"}}}}, {{"output", "f32[1]"}}};
  Comparison comparison;
  comparison.max_abs_error = 1.0 / 0.0;
  result.cases.push_back({"c", "example", {{"output", comparison, {}}}, {}, 1.5, 2, 1});
  result.outputs.push_back({"output", "f32[1]", {"1", "nan"}});
  result.bench = BenchNumbers{.first_call = 2, .warmup = {1, 2}, .calls = 7};
  result.submodules.push_back({"layer", "Conv2d", 1, {}, true, "n"});
  result.uncompared = {"u"};
  result.first_difference = 0;
  result.torch_version = "2.13.0";
  const JobResult back = ThroughText(EncodeJobResult(result), DecodeJobResult);
  CHECK(DumpJson(EncodeJobResult(back)) == DumpJson(EncodeJobResult(result)));
  CHECK(PrintArgument(back.signature->inputs[0]) == "f32[*,>=3]");
}

TEST_CASE("a message of another shape is complained about, not believed") {
  Result<JsonDocument> document = JsonDocument::Parse("{\"outcome\":\"x\"}", "wire");
  REQUIRE(document.ok());
  DecodeJobResult(document->root());
  CHECK_FALSE(document->status().ok());
}

}  // namespace
}  // namespace torchassay
