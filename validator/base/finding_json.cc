#include "validator/base/finding_json.h"

#include <cmath>
#include <string_view>

namespace torchassay {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// JSON has no number for them.
Json NumberOrText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return value;
}

std::optional<std::string> OptionalString(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? std::optional(member->String()) : std::nullopt;
}

std::optional<int> OptionalInt(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? std::optional(member->SmallInteger()) : std::nullopt;
}

std::vector<JsonNode> OptionalItems(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? member->Items() : std::vector<JsonNode>();
}

void DecodePlace(const JsonNode& node, Finding& finding) {
  finding.file = OptionalString(node, "file");
  finding.line = OptionalInt(node, "line");
  finding.end_line = OptionalInt(node, "end_line");
  finding.column = OptionalInt(node, "column");
  finding.module = OptionalString(node, "module").value_or("");
  finding.function = OptionalString(node, "function");
  finding.statement = OptionalString(node, "statement");
}

void DecodeDivergence(const JsonNode& node, Finding& finding) {
  finding.baked = OptionalString(node, "baked");
  for (const JsonNode& line : OptionalItems(node, "dropped_lines")) {
    finding.dropped_lines.push_back(line.SmallInteger());
  }
  finding.counterexample = OptionalString(node, "counterexample");
  if (const auto error = node.Optional("max_abs_error")) finding.max_abs_error = error->Number();
}

void DecodeJudgement(const JsonNode& node, Finding& finding) {
  const JsonNode severity = node.Required("severity");
  const JsonNode verdict = node.Required("verdict");
  if (const auto known = ParseSeverity(severity.String())) {
    finding.severity = *known;
  } else {
    severity.Complain("`error`, `warning` or `note`");
  }
  if (const auto known = ParseVerdict(verdict.String())) {
    finding.verdict = *known;
  } else {
    verdict.Complain("`proved`, `possible`, `dismissed`, `repaired` or `failed`");
  }
}

}  // namespace

Json EncodeFinding(const Finding& finding) {
  Json json = {{"code", finding.code},
               {"severity", SeverityName(finding.severity)},
               {"verdict", VerdictName(finding.verdict)},
               {"message", finding.message},
               {"help", finding.help},
               {"file", OrNull(finding.file)},
               {"line", OrNull(finding.line)},
               {"end_line", OrNull(finding.end_line)},
               {"module", finding.module},
               {"function", OrNull(finding.function)},
               {"statement", OrNull(finding.statement)},
               {"baked", OrNull(finding.baked)},
               {"dropped_lines", finding.dropped_lines},
               {"counterexample", OrNull(finding.counterexample)},
               {"max_abs_error", nullptr}};
  if (finding.max_abs_error) json["max_abs_error"] = NumberOrText(*finding.max_abs_error);
  if (finding.column) json["column"] = *finding.column;
  if (finding.waived) json["waived"] = *finding.waived;
  if (!finding.subject.empty()) json["subject"] = finding.subject;
  if (!finding.notes.empty()) json["notes"] = finding.notes;
  for (const Evidence& evidence : finding.evidence) {
    json["evidence"].push_back({{"label", evidence.label}, {"text", evidence.text}});
  }
  return json;
}

Finding DecodeFinding(const JsonNode& node) {
  Finding finding;
  finding.code = node.Required("code").String();
  finding.message = node.Required("message").String();
  finding.help = OptionalString(node, "help").value_or("");
  finding.subject = OptionalString(node, "subject").value_or("");
  finding.waived = OptionalString(node, "waived");
  DecodeJudgement(node, finding);
  DecodePlace(node, finding);
  DecodeDivergence(node, finding);
  for (const JsonNode& note : OptionalItems(node, "notes")) finding.notes.push_back(note.String());
  for (const JsonNode& one : OptionalItems(node, "evidence")) {
    finding.evidence.push_back({one.Required("label").String(), one.Required("text").String()});
  }
  return finding;
}

}  // namespace torchassay
