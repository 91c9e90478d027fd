// The reading half of json.h.

#include <algorithm>

#include "validator/base/finding_json.h"
#include "validator/compare/comparison_json.h"
#include "validator/report/json.h"

namespace torchassay {
namespace {

// A string, "" where it is null or missing.
std::string Text(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? member->String() : "";
}

ModelVerdict VerdictOf(const JsonNode& node) {
  if (const auto verdict = ParseModelVerdict(node.String())) return *verdict;
  node.Complain("a verdict, such as `passed` or `failed`");
  return ModelVerdict::kNotDone;
}

OutputReport ReadOutput(const JsonNode& node) {
  OutputReport output{node.Required("path").String(), node.Required("passed").Bool(), {}};
  if (const auto comparison = node.Optional("comparison")) {
    output.comparison = DecodeComparison(*comparison);
  }
  return output;
}

CaseReport ReadCase(const JsonNode& node) {
  CaseReport one{node.Required("name").String(), node.Required("kind").String(), node.Required("passed").Bool(), {}};
  for (const JsonNode& output : node.Required("outputs").Items()) {
    one.outputs.push_back(ReadOutput(output));
  }
  return one;
}

OriginReport ReadOrigin(const JsonNode& node) {
  OriginReport origin{Text(node, "model"), Text(node, "mode"), Text(node, "torch"), {}};
  if (const auto faithful = node.Optional("faithful")) origin.faithful = faithful->Bool();
  return origin;
}

ModuleReport ReadModule(const JsonNode& node) {
  ModuleReport module{node.Required("path").String(),
                      node.Required("type").String(),
                      node.Required("parameters").Integer(),
                      node.Required("bytes").Integer(),
                      {}};
  if (const auto error = node.Optional("error")) {
    module.error = ModuleError{error->Required("differs").Bool(), error->Required("compared").Integer(),
                               error->Required("mismatched").Integer(), error->Required("max_abs_error").Number()};
  }
  return module;
}

ModelReport ReadModel(const JsonNode& node) {
  ModelReport model;
  model.name = node.Required("name").String();
  model.verdict = VerdictOf(node.Required("verdict"));
  model.origin = ReadOrigin(node.Required("origin"));
  if (const auto start = node.Optional("error_starts_at")) model.error_starts_at = start->String();
  for (const JsonNode& one : node.Required("cases").Items()) model.cases.push_back(ReadCase(one));
  for (const JsonNode& fact : node.Required("facts").Items()) {
    model.facts.push_back({fact.Required("label").String(), fact.Required("text").String()});
  }
  for (const JsonNode& file : node.Required("files").Items()) {
    model.files.push_back(
        {file.Required("path").String(), file.Required("bytes").Integer(), file.Required("sha256").String()});
  }
  for (const JsonNode& module : node.Required("modules").Items()) model.modules.push_back(ReadModule(module));
  return model;
}

ReportedFinding ReadFinding(const JsonNode& node) {
  ReportedFinding reported;
  reported.finding = DecodeFinding(node);
  reported.model = Text(node, "model");
  reported.case_name = Text(node, "case");
  reported.output = Text(node, "output");
  reported.fails = node.Required("fails").Bool();
  if (const auto source = node.Optional("source")) {
    reported.source.emplace();
    reported.source->path = Text(*source, "path");
    reported.source->first_line = static_cast<int>(source->Required("first_line").Integer());
    for (const JsonNode& line : source->Required("lines").Items()) {
      reported.source->lines.push_back(line.String());
    }
  }
  return reported;
}

Latency ReadLatency(const JsonNode& node) {
  Latency latency;
  latency.calls = node.Required("calls").Integer();
  latency.warmup_calls = node.Required("warmup_calls").Integer();
  latency.first_ms = node.Required("first_ms").Number();
  latency.mean_ms = node.Required("mean_ms").Number();
  latency.p50_ms = node.Required("p50_ms").Number();
  latency.p90_ms = node.Required("p90_ms").Number();
  latency.p99_ms = node.Required("p99_ms").Number();
  latency.max_ms = node.Required("max_ms").Number();
  latency.calls_per_second = node.Required("calls_per_second").Number();
  for (const JsonNode& sample : node.Required("samples_ms").Items()) {
    latency.samples_ms.push_back(sample.Number());
  }
  return latency;
}

Measurement ReadMeasurement(const JsonNode& node) {
  Measurement measured;
  if (const auto load = node.Optional("load_ms")) measured.load_ms = load->Number();
  if (const auto peak = node.Optional("peak_bytes")) measured.peak_bytes = peak->Integer();
  if (const auto latency = node.Optional("latency")) measured.latency = ReadLatency(*latency);
  for (const JsonNode& one : node.Required("cases").Items()) {
    measured.case_ms.emplace_back(one.Required("case").String(), one.Required("ms").Number());
  }
  return measured;
}

void ReadTime(const JsonNode& node, Report& report) {
  report.created = node.Required("created").String();
  for (const JsonNode& one : node.Required("models").Items()) {
    const std::string name = one.Required("model").String();
    for (ModelReport& model : report.models) {
      if (model.name == name) model.measured = ReadMeasurement(one);
    }
  }
}

Report ReadReport(const JsonNode& root) {
  Report report;
  report.command = root.Required("command").String();
  report.verdict = VerdictOf(root.Required("verdict"));
  const JsonNode environment = root.Required("environment");
  report.environment = {Text(environment, "tool_version"), Text(environment, "torch_version"),
                        Text(environment, "platform"), Text(environment, "device")};
  for (const JsonNode& model : root.Required("models").Items()) {
    report.models.push_back(ReadModel(model));
  }
  for (const JsonNode& finding : root.Required("findings").Items()) {
    report.findings.push_back(ReadFinding(finding));
  }
  ReadTime(root.Required("time"), report);
  return report;
}

}  // namespace

Result<Report> ParseReport(std::string text, const std::string& name) {
  Result<JsonDocument> document = JsonDocument::Parse(std::move(text), name);
  if (!document.ok()) return document.status();
  const JsonNode root = document->root();
  const JsonNode version = root.Required("schema_version");
  if (version.Integer() > kReportSchemaVersion) {
    version.Reject("TA212", "the result was written by a newer version of torchassay",
                   "update torchassay, or write the result again with this version");
  } else if (version.IsInteger() && version.Integer() < 1) {
    version.Complain("a schema version, which are counted from 1");
  }
  if (!document->status().ok()) return document->status();
  Report report = ReadReport(root);
  if (Status status = document->status(); !status.ok()) return status;
  return report;
}

}  // namespace torchassay
