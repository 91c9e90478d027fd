#include "validator/wire/job_json.h"

#include "validator/base/finding_json.h"
#include "validator/compare/comparison_json.h"
#include "validator/tensor/value_json.h"

namespace torchassay {
namespace {

std::vector<std::string> DecodeStrings(const JsonNode& node) {
  std::vector<std::string> strings;
  for (const JsonNode& item : node.Items()) strings.push_back(item.String());
  return strings;
}

Json EncodeFindings(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back(EncodeFinding(finding));
  return list;
}

std::vector<Finding> DecodeFindings(const JsonNode& node) {
  std::vector<Finding> findings;
  for (const JsonNode& item : node.Items()) findings.push_back(DecodeFinding(item));
  return findings;
}

Json EncodeOutputs(const std::vector<OutputResult>& outputs) {
  Json list = Json::array();
  for (const OutputResult& output : outputs) {
    list.push_back({{"path", output.path},
                    {"comparison", output.comparison ? EncodeComparison(*output.comparison) : Json(nullptr)},
                    {"findings", EncodeFindings(output.findings)}});
  }
  return list;
}

std::vector<OutputResult> DecodeOutputs(const JsonNode& node) {
  std::vector<OutputResult> outputs;
  for (const JsonNode& item : node.Items()) {
    OutputResult output;
    output.path = item.Required("path").String();
    if (const auto comparison = item.Optional("comparison")) output.comparison = DecodeComparison(*comparison);
    output.findings = DecodeFindings(item.Required("findings"));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Json EncodeCases(const std::vector<CaseResult>& cases) {
  Json list = Json::array();
  for (const CaseResult& result : cases) {
    list.push_back({{"name", result.name},
                    {"kind", result.kind},
                    {"outputs", EncodeOutputs(result.outputs)},
                    {"findings", EncodeFindings(result.findings)},
                    {"duration_ms", result.duration_ms},
                    {"calls", result.calls},
                    {"compared", result.compared}});
  }
  return list;
}

std::vector<CaseResult> DecodeCases(const JsonNode& node) {
  std::vector<CaseResult> cases;
  for (const JsonNode& item : node.Items()) {
    cases.push_back({item.Required("name").String(), item.Required("kind").String(),
                     DecodeOutputs(item.Required("outputs")), DecodeFindings(item.Required("findings")),
                     item.Required("duration_ms").Number(), item.Required("calls").Integer(),
                     item.Required("compared").Integer()});
  }
  return cases;
}

Json EncodePreviews(const std::vector<OutputPreview>& outputs) {
  Json list = Json::array();
  for (const OutputPreview& output : outputs) {
    list.push_back({{"path", output.path}, {"text", output.text}, {"values", output.values}});
  }
  return list;
}

std::vector<OutputPreview> DecodePreviews(const JsonNode& node) {
  std::vector<OutputPreview> outputs;
  for (const JsonNode& item : node.Items()) {
    outputs.push_back(
        {item.Required("path").String(), item.Required("text").String(), DecodeStrings(item.Required("values"))});
  }
  return outputs;
}

Json EncodeBench(const BenchNumbers& bench) {
  return {{"load", bench.load},
          {"first_call", bench.first_call},
          {"warmup", bench.warmup},
          {"samples", bench.samples},
          {"p50", bench.p50},
          {"p90", bench.p90},
          {"p99", bench.p99},
          {"mean", bench.mean},
          {"minimum", bench.minimum},
          {"maximum", bench.maximum},
          {"throughput", bench.throughput},
          {"calls", bench.calls},
          {"threads", bench.threads}};
}

std::vector<double> DecodeNumbers(const JsonNode& node) {
  std::vector<double> numbers;
  for (const JsonNode& item : node.Items()) numbers.push_back(item.Number());
  return numbers;
}

BenchNumbers DecodeBench(const JsonNode& node) {
  BenchNumbers bench;
  bench.load = node.Required("load").Number();
  bench.first_call = node.Required("first_call").Number();
  bench.warmup = DecodeNumbers(node.Required("warmup"));
  bench.samples = DecodeNumbers(node.Required("samples"));
  bench.p50 = node.Required("p50").Number();
  bench.p90 = node.Required("p90").Number();
  bench.p99 = node.Required("p99").Number();
  bench.mean = node.Required("mean").Number();
  bench.minimum = node.Required("minimum").Number();
  bench.maximum = node.Required("maximum").Number();
  bench.throughput = node.Required("throughput").Number();
  bench.calls = node.Required("calls").Integer();
  bench.threads = static_cast<int>(node.Required("threads").Integer());
  return bench;
}

Json EncodeSubmodules(const std::vector<SubmoduleResult>& submodules) {
  Json list = Json::array();
  for (const SubmoduleResult& submodule : submodules) {
    list.push_back({{"path", submodule.path},
                    {"type", submodule.type},
                    {"call", submodule.call},
                    {"outputs", EncodeOutputs(submodule.outputs)},
                    {"differs", submodule.differs},
                    {"note", submodule.note}});
  }
  return list;
}

std::vector<SubmoduleResult> DecodeSubmodules(const JsonNode& node) {
  std::vector<SubmoduleResult> submodules;
  for (const JsonNode& item : node.Items()) {
    submodules.push_back({item.Required("path").String(), item.Required("type").String(),
                          item.Required("call").Integer(), DecodeOutputs(item.Required("outputs")),
                          item.Required("differs").Bool(), item.Required("note").String()});
  }
  return submodules;
}

Json EncodeTolerances(const std::vector<TypedTolerance>& tolerances) {
  Json list = Json::array();
  for (const auto& [output, dtype, tolerance] : tolerances) {
    list.push_back({output, std::string(DTypeName(dtype)), tolerance.rtol, tolerance.atol});
  }
  return list;
}

std::vector<TypedTolerance> DecodeTolerances(const JsonNode& node) {
  std::vector<TypedTolerance> tolerances;
  for (const JsonNode& item : node.Items()) {
    const std::vector<JsonNode> parts = item.Items();
    const std::optional<DType> dtype = parts.size() == 4 ? ParseDType(parts[1].String()) : std::nullopt;
    if (dtype) {
      tolerances.push_back({parts[0].String(), *dtype, {parts[2].Number(), parts[3].Number()}});
    } else {
      item.Complain("a path, a dtype, rtol and atol");
    }
  }
  return tolerances;
}

}  // namespace

Json EncodeJob(const Job& job) {
  return {{"kind", static_cast<int>(job.kind)},
          {"model_path", job.model_path},
          {"bundle_path", job.bundle_path},
          {"other_model_path", job.other_model_path},
          {"method", job.method},
          {"device", job.device},
          {"inputs", job.inputs},
          {"inputs_path", job.inputs_path},
          {"output_path", job.output_path},
          {"case_name", job.case_name},
          {"libraries", job.libraries},
          {"tolerances", EncodeTolerances(job.tolerances)},
          {"seed", job.seed},
          {"timeout_s", job.timeout_s},
          {"memory_bytes", job.memory_bytes},
          {"threads", job.threads},
          {"bench_seconds", job.bench_seconds}};
}

Job DecodeJob(const JsonNode& node) {
  Job job;
  job.kind = static_cast<JobKind>(node.Required("kind").Integer());
  job.model_path = node.Required("model_path").String();
  job.bundle_path = node.Required("bundle_path").String();
  job.other_model_path = node.Required("other_model_path").String();
  job.method = node.Required("method").String();
  job.device = node.Required("device").String();
  job.inputs = DecodeStrings(node.Required("inputs"));
  job.inputs_path = node.Required("inputs_path").String();
  job.output_path = node.Required("output_path").String();
  job.case_name = node.Required("case_name").String();
  job.libraries = DecodeStrings(node.Required("libraries"));
  job.tolerances = DecodeTolerances(node.Required("tolerances"));
  job.seed = node.Required("seed").Integer();
  job.timeout_s = node.Required("timeout_s").Number();
  job.memory_bytes = node.Required("memory_bytes").Integer();
  job.threads = static_cast<int>(node.Required("threads").Integer());
  job.bench_seconds = node.Required("bench_seconds").Number();
  return job;
}

Json EncodeJobResult(const JobResult& result) {
  Json json = {{"outcome", static_cast<int>(result.outcome)},
               {"detail", result.detail},
               {"findings", EncodeFindings(result.findings)},
               {"signature", result.signature ? EncodeSignature(*result.signature) : Json(nullptr)},
               {"cases", EncodeCases(result.cases)},
               {"outputs", EncodePreviews(result.outputs)},
               {"bench", result.bench ? EncodeBench(*result.bench) : Json(nullptr)},
               {"submodules", EncodeSubmodules(result.submodules)},
               {"uncompared", result.uncompared},
               {"duration_ms", result.duration_ms},
               {"load_ms", result.load_ms},
               {"peak_memory_bytes", result.peak_memory_bytes},
               {"torch_version", result.torch_version}};
  if (result.first_difference) json["first_difference"] = *result.first_difference;
  return json;
}

JobResult DecodeJobResult(const JsonNode& node) {
  JobResult result;
  result.outcome = static_cast<Outcome>(node.Required("outcome").Integer());
  result.detail = node.Required("detail").String();
  result.findings = DecodeFindings(node.Required("findings"));
  if (const auto signature = node.Optional("signature")) result.signature = DecodeSignature(*signature);
  result.cases = DecodeCases(node.Required("cases"));
  result.outputs = DecodePreviews(node.Required("outputs"));
  if (const auto bench = node.Optional("bench")) result.bench = DecodeBench(*bench);
  result.submodules = DecodeSubmodules(node.Required("submodules"));
  result.uncompared = DecodeStrings(node.Required("uncompared"));
  if (const auto first = node.Optional("first_difference")) {
    result.first_difference = static_cast<std::size_t>(first->Integer());
  }
  result.duration_ms = node.Required("duration_ms").Number();
  result.load_ms = node.Required("load_ms").Number();
  result.peak_memory_bytes = node.Required("peak_memory_bytes").Integer();
  result.torch_version = node.Required("torch_version").String();
  return result;
}

}  // namespace torchassay
