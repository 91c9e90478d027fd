#include "validator/manifest/manifest.h"

#include <limits>
#include <map>
#include <set>

#include "validator/base/finding_json.h"
#include "validator/base/json.h"
#include "validator/base/strings.h"
#include "validator/manifest/bundle_path.h"
#include "validator/tensor/value_json.h"
#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

constexpr CaseKind kCaseKinds[] = {CaseKind::kExample, CaseKind::kSampled, CaseKind::kBoundary,
                                   CaseKind::kCounterexample};
constexpr std::size_t kDigestDigits = 64;
constexpr std::int64_t kMostRepeats = 1'000'000;

std::optional<std::string> MaybeString(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  if (!member) return std::nullopt;
  return member->String();
}

std::string StringOr(const JsonNode& node, std::string_view key, const std::string& fallback) {
  return MaybeString(node, key).value_or(fallback);
}

bool BoolOr(const JsonNode& node, std::string_view key, bool fallback) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? member->Bool() : fallback;
}

// The items of the member `key`, each read by `read`; none where it is missing.
template <typename Read>
auto ReadList(const JsonNode& node, std::string_view key, Read read) {
  std::vector<decltype(read(node))> list;
  const std::optional<JsonNode> member = node.Optional(key);
  if (!member) return list;
  for (const JsonNode& item : member->Items()) list.push_back(read(item));
  return list;
}

// A path of the manifest, which must stay inside the bundle.
std::string ReadPath(const JsonNode& node) {
  std::string path = node.String();
  if (const std::string reason = WhyOutside(path); !reason.empty() && node.IsString()) {
    node.Reject("TA206", "the path " + Quote(path) + " " + reason, "a bundle names only files inside itself");
  }
  return path;
}

Producer ReadProducer(const JsonNode& node) {
  return {node.Required("tool").String(), node.Required("version").String(), StringOr(node, "torch", ""),
          StringOr(node, "python", ""), StringOr(node, "platform", "")};
}

Source ReadSource(const JsonNode& node) {
  return {node.Required("model").String(), MaybeString(node, "file"), MaybeString(node, "sha256"),
          StringOr(node, "method", "forward")};
}

SubmoduleMode ReadSubmoduleMode(const JsonNode& node) {
  return {node.Required("path").String(), StringOr(node, "class", ""), StringOr(node, "mode", ""),
          StringOr(node, "why", "")};
}

Conversion ReadConversion(const JsonNode& node) {
  Conversion conversion;
  conversion.mode_asked = node.Required("mode_asked").String();
  conversion.mode_used = node.Required("mode_used").String();
  conversion.faithful = BoolOr(node, "faithful", false);
  conversion.training = BoolOr(node, "training", false);
  conversion.submodules = ReadList(node, "submodules", ReadSubmoduleMode);
  return conversion;
}

bool IsDigest(const std::string& text) {
  return text.size() == kDigestDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

BundleFile ReadFile(const JsonNode& node) {
  BundleFile file;
  file.path = ReadPath(node.Required("path"));
  const JsonNode bytes = node.Required("bytes");
  const std::int64_t size = bytes.Integer();
  if (size < 0) bytes.Complain("a number of bytes");
  file.bytes = static_cast<std::uint64_t>(size);
  const JsonNode digest = node.Required("sha256");
  file.sha256 = digest.String();
  if (!IsDigest(file.sha256)) digest.Complain("64 lower-case hexadecimal digits");
  return file;
}

SignatureEntry ReadSignatureEntry(const JsonNode& node) {
  return {node.Required("path").String(), node.Required("spec").String()};
}

ManifestSignature ReadSignature(const JsonNode& node) {
  return {StringOr(node, "method", "forward"), ReadList(node, "inputs", ReadSignatureEntry),
          ReadList(node, "outputs", ReadSignatureEntry)};
}

// A number that a tolerance may be: a NaN or an infinity would let everything or nothing pass.
double ReadToleranceNumber(const JsonNode& node) {
  const double number = node.Number();
  if (number >= 0 && number <= std::numeric_limits<double>::max()) return number;
  node.Complain("a finite number of 0 or more");
  return 0;
}

OutputTolerance ReadTolerance(const JsonNode& node) {
  const JsonNode output = node.Required("output");
  if (output.IsString() && output.String().empty()) output.Complain("the path of an output");
  return {output.String(), ReadToleranceNumber(node.Required("rtol")), ReadToleranceNumber(node.Required("atol")),
          StringOr(node, "origin", "")};
}

std::variant<Value, Raises> ReadExpectation(const JsonNode& node) {
  if (const auto raises = node.Optional("raises")) {
    return Raises{raises->Required("type").String(), StringOr(*raises, "message", "")};
  }
  return DecodeValue(node.Required("outputs"));
}

SubmoduleRecord ReadSubmodule(const JsonNode& node) {
  const std::optional<JsonNode> call = node.Optional("call");
  return {node.Required("path").String(), call ? call->Integer() : 0, DecodeValue(node.Required("output"))};
}

// Complains of an alias that is no earlier input of the same dtype and shape; `earlier` has those so far, by name.
void CheckAliases(const JsonNode& node, const Value& value, std::map<std::string, const TensorRef*>& earlier) {
  for (const TensorRef* tensor : Tensors(value)) {
    if (!tensor->alias.empty()) {
      const auto found = earlier.find(tensor->alias);
      const std::string who = "the `alias` " + Quote(tensor->alias) + " of " + Quote(tensor->name);
      if (found == earlier.end()) {
        node.Reject("", who + " is no earlier input of this call");
      } else if (found->second->dtype != tensor->dtype || found->second->shape != tensor->shape) {
        node.Reject("", who + " is another tensor: " + DescribeTensor(found->second->dtype, found->second->shape) +
                            ", not " + DescribeTensor(tensor->dtype, tensor->shape));
      }
    }
    earlier.emplace(tensor->name, tensor);
  }
}

CaseCall ReadCall(const JsonNode& node) {
  CaseCall call;
  if (const auto file = node.Optional("file")) call.file = ReadPath(*file);
  if (const auto repeat = node.Optional("repeat")) {
    call.repeat = repeat->Integer();
    if (call.repeat < 1 || call.repeat > kMostRepeats) repeat->Complain("a count of 1 to a million");
  }
  call.args = ReadList(node, "args", DecodeValue);
  if (const auto kwargs = node.Optional("kwargs")) {
    for (const auto& [name, value] : kwargs->Members()) call.kwargs.emplace_back(name, DecodeValue(value));
  }
  std::map<std::string, const TensorRef*> inputs;
  for (const Value& value : call.args) CheckAliases(node, value, inputs);
  for (const auto& [name, value] : call.kwargs) CheckAliases(node, value, inputs);
  call.expects = ReadExpectation(node.Required("expects"));
  call.submodules = ReadList(node, "submodules", ReadSubmodule);
  return call;
}

CaseKind ReadCaseKind(const JsonNode& node) {
  const std::string name = node.String();
  for (const CaseKind kind : kCaseKinds) {
    if (name == CaseKindName(kind)) return kind;
  }
  node.Complain("`example`, `sampled`, `boundary` or `counterexample`");
  return CaseKind::kExample;
}

Case ReadCase(const JsonNode& node) {
  Case result;
  result.name = node.Required("name").String();
  result.kind = ReadCaseKind(node.Required("kind"));
  if (const auto seed = node.Optional("seed")) result.seed = seed->Integer();
  const JsonNode calls = node.Required("calls");
  for (const JsonNode& call : calls.Items()) result.calls.push_back(ReadCall(call));
  if (result.calls.empty()) calls.Complain("at least one call");
  return result;
}

// Complains where `key` has one value in two items of the list `list`.
void RefuseDuplicates(const JsonNode& root, std::string_view list, std::string_view key) {
  const std::optional<JsonNode> node = root.Optional(list);
  if (!node || !node->IsArray()) return;
  std::set<std::string> seen;
  for (const JsonNode& item : node->Items()) {
    const JsonNode name = item.Required(key);
    if (name.IsString() && !seen.insert(name.String()).second) {
      name.Reject("", "two items of " + Quote(list) + " have the " + std::string(key) + " " + Quote(name.String()));
    }
  }
}

Manifest ReadManifest(const JsonNode& root) {
  Manifest manifest;
  manifest.producer = ReadProducer(root.Required("producer"));
  manifest.created = StringOr(root, "created", "");
  manifest.source = ReadSource(root.Required("source"));
  manifest.conversion = ReadConversion(root.Required("conversion"));
  root.Required("files");
  manifest.files = ReadList(root, "files", ReadFile);
  manifest.signature = ReadSignature(root.Required("signature"));
  manifest.tolerances = ReadList(root, "tolerances", ReadTolerance);
  root.Required("cases");
  manifest.cases = ReadList(root, "cases", ReadCase);
  manifest.findings = ReadList(root, "findings", DecodeFinding);
  for (Finding& finding : manifest.findings) finding.waived.reset();  // only a policy accepts
  RefuseDuplicates(root, "files", "path");
  RefuseDuplicates(root, "tolerances", "output");
  RefuseDuplicates(root, "cases", "name");
  return manifest;
}

// Before all else: a newer schema may have any shape.
Status CheckSchema(const JsonNode& root, const std::string& name) {
  const std::int64_t version = root.Required("schema_version").Integer();
  if (version <= kSchemaVersion && version >= 1) return Status();
  const std::string found = Quote(name) + " has schema version " + std::to_string(version);
  if (version < 1) return Status(StatusCode::kUnreadable, "TA211", found + ", the first one is 1");
  return Status(StatusCode::kUnsupported, "TA212",
                found + ", this program reads versions up to " + std::to_string(kSchemaVersion),
                "validate it with a torchassay as new as the one that wrote it");
}

Status AsManifestStatus(const Status& status) {
  if (status.ok() || status.finding_code() == "TA212") return status;
  if (status.finding_code() == "TA206") {
    return Status(StatusCode::kRefused, "TA206", status.message(), status.help());
  }
  return Status(StatusCode::kUnreadable, "TA211", status.message(), status.help());
}

}  // namespace

const char* CaseKindName(CaseKind kind) {
  switch (kind) {
    case CaseKind::kExample: return "example";
    case CaseKind::kSampled: return "sampled";
    case CaseKind::kBoundary: return "boundary";
    case CaseKind::kCounterexample: return "counterexample";
  }
  return "";
}

Result<Manifest> ParseManifest(std::string text, const std::string& name) {
  Result<JsonDocument> document = JsonDocument::Parse(std::move(text), name);
  if (!document.ok()) return AsManifestStatus(document.status());
  const Status schema = CheckSchema(document->root(), name);
  if (const Status status = document->status(); !status.ok()) return AsManifestStatus(status);
  if (!schema.ok()) return schema;
  Manifest manifest = ReadManifest(document->root());
  if (const Status status = document->status(); !status.ok()) return AsManifestStatus(status);
  return manifest;
}

}  // namespace torchassay
