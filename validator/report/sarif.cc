#include "validator/report/sarif.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <span>
#include <vector>

#include "validator/base/catalogue.h"
#include "validator/base/json.h"
#include "validator/base/sha256.h"
#include "validator/report/finding_text.h"
#include "validator/report/version.h"

namespace torchassay {
namespace {

const char* Level(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return "none";
}

// A relative path as a URI: everything but unreserved characters and slashes in percent.
std::string Uri(const std::string& path) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string uri;
  for (unsigned char c : path) {
    if (std::isalnum(c) || c == '/' || c == '-' || c == '.' || c == '_' || c == '~') {
      uri += static_cast<char>(c);
    } else {
      uri += {'%', kDigits[c >> 4], kDigits[c & 15]};
    }
  }
  return uri;
}

Json Rule(const std::string& code) {
  Json rule = {{"id", code}};
  const CatalogueEntry* entry = FindCode(code);
  if (entry == nullptr) return rule;
  rule["name"] = entry->name;
  rule["shortDescription"] = {{"text", entry->title}};
  rule["fullDescription"] = {{"text", entry->explanation}};
  rule["help"] = {{"text", entry->explanation}};
  rule["defaultConfiguration"] = {{"level", entry->severity == "note" ? "note" : entry->severity}};
  return rule;
}

Json Region(const Finding& finding) {
  Json region = {{"startLine", *finding.line}};
  if (finding.end_line) region["endLine"] = std::max(*finding.end_line, *finding.line);
  if (finding.column) region["startColumn"] = *finding.column;
  if (finding.statement) region["snippet"] = {{"text", *finding.statement}};
  return region;
}

Json Location(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  const std::string model = reported.model.empty() ? "torchassay" : reported.model;
  const std::string file = finding.file ? SourcePath(reported) : model;
  Json location = {{"physicalLocation", {{"artifactLocation", {{"uri", Uri(file)}}}}}};
  if (finding.file && finding.line && *finding.line > 0) {
    location["physicalLocation"]["region"] = Region(finding);
  }
  const auto name = [&](const std::string& text, const char* kind) {
    if (!text.empty()) location["logicalLocations"].push_back({{"fullyQualifiedName", text}, {"kind", kind}});
  };
  name(finding.function.value_or(""), "function");
  name(finding.module, "module");
  name(reported.case_name, "test case");
  name(reported.output, "output");
  return location;
}

std::string MessageText(const ReportedFinding& reported) {
  std::string text = reported.finding.message;
  for (const Evidence& evidence : AllEvidence(reported)) text += "\n" + evidence.label + ": " + evidence.text;
  for (const std::string& note : reported.finding.notes) text += "\nnote: " + note;
  if (!reported.finding.help.empty()) text += "\nhelp: " + reported.finding.help;
  return text;
}

// The same finding in another run has the same fingerprint, even if lines above it moved.
std::string Fingerprint(const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  std::string text;
  for (const std::string& part :
       {finding.code, reported.model, reported.case_name, reported.output, finding.file.value_or(""),
        finding.function.value_or(""), finding.module, finding.statement.value_or("")}) {
    text += part + '\n';
  }
  return Sha256(std::as_bytes(std::span(text)));
}

Json ResultJson(const ReportedFinding& reported, int rule_index) {
  const Finding& finding = reported.finding;
  Json result = {{"ruleId", finding.code},
                 {"ruleIndex", rule_index},
                 {"level", Level(finding.severity)},
                 {"message", {{"text", MessageText(reported)}}},
                 {"locations", {Location(reported)}},
                 {"partialFingerprints", {{"torchassay/v1", Fingerprint(reported)}}},
                 {"properties", {{"verdict", VerdictName(finding.verdict)}, {"fails", reported.fails}}}};
  if (!reported.model.empty()) result["properties"]["model"] = reported.model;
  if (finding.counterexample) result["properties"]["counterexample"] = *finding.counterexample;
  if (finding.baked) result["properties"]["baked"] = *finding.baked;
  if (finding.max_abs_error) result["properties"]["max_abs_error"] = *finding.max_abs_error;
  if (finding.waived) {
    result["suppressions"] = {{{"kind", "external"}, {"justification", *finding.waived}}};
  }
  return result;
}

}  // namespace

std::string RenderSarif(const Report& report) {
  std::map<std::string, int> rule_indexes;
  for (const ReportedFinding& reported : report.findings) rule_indexes[reported.finding.code] = 0;
  Json rules = Json::array();
  for (auto& [code, index] : rule_indexes) {
    index = static_cast<int>(rules.size());
    rules.push_back(Rule(code));
  }
  Json results = Json::array();
  for (const ReportedFinding& reported : report.findings) {
    results.push_back(ResultJson(reported, rule_indexes[reported.finding.code]));
  }
  const Json run = {{"tool", {{"driver", {{"name", "torchassay"}, {"version", kVersion}, {"rules", rules}}}}},
                    {"columnKind", "unicodeCodePoints"},
                    {"results", results},
                    {"properties", {{"verdict", ModelVerdictName(report.verdict)}}}};
  const Json sarif = {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", {run}}};
  return DumpJson(sarif, 2) + "\n";
}

}  // namespace torchassay
