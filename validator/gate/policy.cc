#include "validator/gate/policy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <string_view>

#include "validator/base/catalogue.h"
#include "validator/base/closest.h"
#include "validator/base/json.h"
#include "validator/base/strings.h"
#include "validator/report/model_verdict.h"

namespace torchassay {
namespace {

constexpr char kCode[] = "TA607";

// Rejects members of `node` that are not among `known`; those that start with "//" are comments.
void CheckKeys(const JsonNode& node, std::initializer_list<const char*> known) {
  const std::vector<std::string> names(known.begin(), known.end());
  for (const auto& [key, member] : node.Members()) {
    if (key.starts_with("//") || std::find(names.begin(), names.end(), key) != names.end()) continue;
    std::string help = DidYouMean(key, names);
    if (help.empty()) help = "known here are " + Join(names, ", ");
    member.Reject(kCode, "unknown key " + Quote(key), help);
  }
}

std::string Text(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? member->String() : "";
}

// What a waiver is for; left out, it is for all.
std::string Name(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  if (member && member->IsString() && member->String().empty()) member->Complain("a name; leave it out for all");
  return member ? member->String() : "";
}

std::vector<JsonNode> Items(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? member->Items() : std::vector<JsonNode>();
}

double NotNegative(const JsonNode& node) {
  const double number = node.Number();
  if (number >= 0 && std::isfinite(number)) return number;
  node.Complain("a finite number, 0 or more");
  return 0;
}

std::optional<double> OptionalLimit(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? std::optional(NotNegative(*member)) : std::nullopt;
}

std::optional<std::int64_t> OptionalBytes(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  if (!member) return std::nullopt;
  const std::int64_t bytes = member->Integer();
  if (bytes < 0) member->Complain("a number of bytes, 0 or more");
  return bytes;
}

PolicyTolerance ReadTolerance(const JsonNode& node) {
  CheckKeys(node, {"model", "output", "dtype", "rtol", "atol"});
  PolicyTolerance entry;
  entry.model = Text(node, "model");
  entry.output = Text(node, "output");
  if (const auto dtype = node.Optional("dtype")) {
    entry.dtype = ParseDType(dtype->String());
    if (!entry.dtype) dtype->Complain("a dtype of the input-spec grammar, such as `f32`");
  }
  entry.tolerance = {NotNegative(node.Required("rtol")), NotNegative(node.Required("atol"))};
  return entry;
}

std::vector<Verdict> ReadVerdicts(const JsonNode& fail) {
  std::vector<Verdict> verdicts;
  for (const JsonNode& item : Items(fail, "verdicts")) {
    const std::optional<Verdict> verdict = ParseVerdict(item.String());
    if (verdict && *verdict != Verdict::kFailed) {
      verdicts.push_back(*verdict);
    } else {
      item.Complain("`proved`, `possible`, `repaired` or `dismissed`");
    }
  }
  return verdicts;
}

bool IsBeginningOfCode(const std::string& text) {
  const std::vector<CatalogueEntry>& entries = Catalogue();
  return text.size() >= 3 && std::any_of(entries.begin(), entries.end(),
                                         [&](const CatalogueEntry& entry) { return entry.code.starts_with(text); });
}

void RejectCode(const JsonNode& node, const std::string& code) {
  const std::optional<std::string> near = ClosestCode(code);
  node.Reject(kCode, Quote(code) + " is no code of the catalogue",
              near ? "did you mean `" + *near + "`?" : "`torchassay explain` knows them all");
}

void ReadFail(const JsonNode& fail, Policy& policy) {
  CheckKeys(fail, {"verdicts", "codes"});
  if (fail.Optional("verdicts")) policy.failing_verdicts = ReadVerdicts(fail);
  for (const JsonNode& item : Items(fail, "codes")) {
    policy.failing_codes.push_back(item.String());
    if (!IsBeginningOfCode(policy.failing_codes.back())) RejectCode(item, policy.failing_codes.back());
  }
}

Budgets ReadBudgets(const JsonNode& node) {
  CheckKeys(node, {"model", "case_ms", "p50_ms", "p90_ms", "p99_ms", "first_call_ms", "model_bytes", "peak_bytes"});
  Budgets budgets;
  budgets.model = Text(node, "model");
  budgets.case_ms = OptionalLimit(node, "case_ms");
  budgets.p50_ms = OptionalLimit(node, "p50_ms");
  budgets.p90_ms = OptionalLimit(node, "p90_ms");
  budgets.p99_ms = OptionalLimit(node, "p99_ms");
  budgets.first_call_ms = OptionalLimit(node, "first_call_ms");
  budgets.model_bytes = OptionalBytes(node, "model_bytes");
  budgets.peak_bytes = OptionalBytes(node, "peak_bytes");
  return budgets;
}

// One object for all models, or a list of them.
std::vector<Budgets> ReadAllBudgets(const JsonNode& node) {
  if (!node.IsArray()) return {ReadBudgets(node)};
  std::vector<Budgets> all;
  for (const JsonNode& item : node.Items()) all.push_back(ReadBudgets(item));
  return all;
}

bool IsDate(const std::string& text) {
  int year = 0, month = 0, day = 0;
  if (text.size() != 10 || text.find_first_not_of("0123456789-") != std::string::npos || text[4] != '-' ||
      text[7] != '-' || std::sscanf(text.c_str(), "%4d-%2d-%2d", &year, &month, &day) != 3 || month < 0 || day < 0) {
    return false;
  }
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month >= 1 && month <= 12 && day >= 1 && day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

Waiver ReadWaiver(const JsonNode& node) {
  CheckKeys(node, {"code", "model", "case", "output", "file", "function", "line", "reason", "owner", "expires"});
  const JsonNode code = node.Required("code");
  Waiver waiver;
  waiver.code = code.String();
  waiver.model = Name(node, "model");
  waiver.case_name = Name(node, "case");
  waiver.output = Name(node, "output");
  waiver.file = Name(node, "file");
  waiver.function = Name(node, "function");
  if (const auto line = node.Optional("line")) {
    waiver.line = line->SmallInteger();
    if (line->IsInteger() && *waiver.line < 1) line->Complain("a line number, 1 or more");
  }
  waiver.reason = Text(node, "reason");
  waiver.owner = Text(node, "owner");
  if (const auto expires = node.Optional("expires")) {
    waiver.expires = expires->String();
    if (!IsDate(waiver.expires)) expires->Complain("a date such as `2027-01-31`");
  }
  if (code.IsString() && FindCode(waiver.code) == nullptr) {
    RejectCode(code, waiver.code);
  } else if (code.IsString() && !CanBeWaived(waiver.code)) {
    code.Reject(kCode, Quote(waiver.code) + " cannot be waived",
                "where nothing was read, run or compared there is nothing to accept");
  }
  return waiver;
}

Policy ReadPolicy(const JsonNode& root) {
  Policy policy;
  CheckKeys(root, {"$schema", "schema_version", "tolerances", "fail", "budgets", "waivers"});
  const JsonNode version = root.Required("schema_version");
  if (version.Integer() > kPolicySchemaVersion) {
    version.Reject("TA212", "the policy was written for a newer version of torchassay", "update torchassay");
  } else if (version.IsInteger() && version.Integer() < 1) {
    version.Complain("a schema version, which are counted from 1");
  }
  for (const JsonNode& item : Items(root, "tolerances")) policy.tolerances.push_back(ReadTolerance(item));
  if (const auto fail = root.Optional("fail")) ReadFail(*fail, policy);
  if (const auto budgets = root.Optional("budgets")) policy.budgets = ReadAllBudgets(*budgets);
  for (const JsonNode& item : Items(root, "waivers")) policy.waivers.push_back(ReadWaiver(item));
  return policy;
}

// Every complaint about a policy has the policy's code.
Status AsPolicyError(const Status& status, const std::string& help = {}) {
  if (!status.finding_code().empty()) return status;
  return Status(status.code(), kCode, status.message(), help.empty() ? status.help() : help);
}

// Advice for a text that is no JSON because of a comment, as other formats have them; else "".
std::string CommentHelp(std::string_view text) {
  bool at_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool comment = text[i] == '#' || text.substr(i, 2) == "//" || text.substr(i, 2) == "/*";
    if (at_start && comment) return "JSON has no comments: write a key that starts with `//`, as in `\"//why\": \"…\"`";
    at_start = text[i] == '\n' || (at_start && (text[i] == ' ' || text[i] == '\t'));
  }
  return "";
}

}  // namespace

bool CanBeWaived(const std::string& code) {
  return VerdictOfCode(code) == ModelVerdict::kFailed && !code.starts_with("TA60") ? true
                                                                                   : code == "TA604" || code == "TA605";
}

Result<Policy> ParsePolicy(std::string text, const std::string& name) {
  const std::string help = CommentHelp(text);
  Result<JsonDocument> document = JsonDocument::Parse(std::move(text), name);
  if (!document.ok()) return AsPolicyError(document.status(), help);
  Policy policy = ReadPolicy(document->root());
  if (Status status = document->status(); !status.ok()) return AsPolicyError(status);
  policy.name = name;
  return policy;
}

}  // namespace torchassay
