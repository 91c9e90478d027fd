#include "validator/report/json.h"

#include "validator/base/finding_json.h"
#include "validator/compare/comparison_json.h"

namespace torchassay {
namespace {

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json Output(const OutputReport& output) {
  Json json = {{"path", output.path}, {"passed", output.passed}, {"comparison", nullptr}};
  if (output.comparison) json["comparison"] = EncodeComparison(*output.comparison);
  return json;
}

Json CaseJson(const CaseReport& one) {
  Json outputs = Json::array();
  for (const OutputReport& output : one.outputs) outputs.push_back(Output(output));
  return {{"name", one.name}, {"kind", one.kind}, {"passed", one.passed}, {"outputs", outputs}};
}

Json Origin(const OriginReport& origin) {
  Json json = {{"model", TextOrNull(origin.model)},
               {"mode", TextOrNull(origin.mode)},
               {"torch", TextOrNull(origin.torch)},
               {"faithful", nullptr}};
  if (origin.faithful) json["faithful"] = *origin.faithful;
  return json;
}

Json TotalsJson(const Totals& totals) {
  return {{"cases", totals.cases},       {"failed_cases", totals.failed_cases},
          {"outputs", totals.outputs},   {"failed_outputs", totals.failed_outputs},
          {"elements", totals.elements}, {"max_abs_error", totals.max_abs_error}};
}

Json ModuleJson(const ModuleReport& module) {
  Json json = {{"path", module.path},
               {"type", module.type},
               {"parameters", module.parameters},
               {"bytes", module.bytes},
               {"error", nullptr}};
  if (module.error) {
    json["error"] = {{"differs", module.error->differs},
                     {"compared", module.error->compared},
                     {"mismatched", module.error->mismatched},
                     {"max_abs_error", module.error->max_abs_error}};
  }
  return json;
}

Json Model(const ModelReport& model) {
  Json json = {{"name", model.name},
               {"verdict", ModelVerdictName(model.verdict)},
               {"origin", Origin(model.origin)},
               {"totals", TotalsJson(TotalsOf(model))},
               {"error_starts_at", nullptr},
               {"cases", Json::array()},
               {"facts", Json::array()},
               {"files", Json::array()},
               {"modules", Json::array()}};
  if (model.error_starts_at) json["error_starts_at"] = *model.error_starts_at;
  for (const CaseReport& one : model.cases) json["cases"].push_back(CaseJson(one));
  for (const Evidence& fact : model.facts) {
    json["facts"].push_back({{"label", fact.label}, {"text", fact.text}});
  }
  for (const FileReport& file : model.files) {
    json["files"].push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  for (const ModuleReport& module : model.modules) json["modules"].push_back(ModuleJson(module));
  return json;
}

Json FindingJson(const ReportedFinding& reported) {
  Json json = EncodeFinding(reported.finding);
  json["model"] = TextOrNull(reported.model);
  json["case"] = TextOrNull(reported.case_name);
  json["output"] = TextOrNull(reported.output);
  json["fails"] = reported.fails;
  if (reported.source) {
    json["source"] = {{"path", TextOrNull(reported.source->path)},
                      {"first_line", reported.source->first_line},
                      {"lines", reported.source->lines}};
  }
  return json;
}

Json LatencyJson(const Latency& latency) {
  return {{"calls", latency.calls},
          {"warmup_calls", latency.warmup_calls},
          {"first_ms", latency.first_ms},
          {"mean_ms", latency.mean_ms},
          {"p50_ms", latency.p50_ms},
          {"p90_ms", latency.p90_ms},
          {"p99_ms", latency.p99_ms},
          {"max_ms", latency.max_ms},
          {"calls_per_second", latency.calls_per_second},
          {"samples_ms", latency.samples_ms}};
}

Json Measured(const ModelReport& model) {
  const Measurement& measured = model.measured;
  Json json = {{"model", model.name},
               {"load_ms", nullptr},
               {"peak_bytes", nullptr},
               {"cases", Json::array()},
               {"latency", nullptr}};
  if (measured.load_ms) json["load_ms"] = *measured.load_ms;
  if (measured.peak_bytes) json["peak_bytes"] = *measured.peak_bytes;
  if (measured.latency) json["latency"] = LatencyJson(*measured.latency);
  for (const auto& [name, milliseconds] : measured.case_ms) {
    json["cases"].push_back({{"case", name}, {"ms", milliseconds}});
  }
  return json;
}

Json EnvironmentJson(const Environment& environment) {
  return {{"tool_version", environment.tool_version},
          {"torch_version", TextOrNull(environment.torch_version)},
          {"platform", environment.platform},
          {"device", TextOrNull(environment.device)}};
}

}  // namespace

std::string RenderJson(const Report& report) {
  Json json = {{"schema_version", kReportSchemaVersion},
               {"command", report.command},
               {"verdict", ModelVerdictName(report.verdict)},
               {"environment", EnvironmentJson(report.environment)},
               {"models", Json::array()},
               {"findings", Json::array()},
               {"time", {{"created", report.created}, {"models", Json::array()}}}};
  for (const ModelReport& model : report.models) {
    json["models"].push_back(Model(model));
    json["time"]["models"].push_back(Measured(model));
  }
  for (const ReportedFinding& reported : report.findings) {
    json["findings"].push_back(FindingJson(reported));
  }
  return DumpJson(json, 2) + "\n";
}

}  // namespace torchassay
