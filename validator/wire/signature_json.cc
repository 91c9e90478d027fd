// A Signature as JSON.

#include "validator/signature/spec_json.h"
#include "validator/wire/job_json.h"

namespace torchassay {
namespace {

Json EncodeArgument(const ArgumentSpec& argument) {
  Json alternatives = Json::array();
  for (const ValueSpec& value : argument.alternatives) {
    alternatives.push_back(EncodeInputSpec({argument.path, value}));
  }
  Json evidence = Json::array();
  for (const Evidence& item : argument.evidence) evidence.push_back({item.label, item.text});
  return {{"path", argument.path},
          {"type", argument.type},
          {"alternatives", alternatives},
          {"default", argument.default_value ? Json(*argument.default_value) : Json(nullptr)},
          {"origin", static_cast<int>(argument.origin)},
          {"evidence", evidence}};
}

ArgumentSpec DecodeArgument(const JsonNode& node) {
  ArgumentSpec argument;
  argument.path = node.Required("path").String();
  argument.type = node.Required("type").String();
  for (const JsonNode& item : node.Required("alternatives").Items()) {
    argument.alternatives.push_back(DecodeInputSpec(item).value);
  }
  if (const auto value = node.Optional("default")) argument.default_value = value->String();
  argument.origin = static_cast<Origin>(node.Required("origin").Integer());
  for (const JsonNode& item : node.Required("evidence").Items()) {
    const std::vector<JsonNode> pair = item.Items();
    if (pair.size() == 2) argument.evidence.push_back({pair[0].String(), pair[1].String()});
  }
  return argument;
}

}  // namespace

Json EncodeSignature(const Signature& signature) {
  Json inputs = Json::array();
  for (const ArgumentSpec& argument : signature.inputs) inputs.push_back(EncodeArgument(argument));
  Json outputs = Json::array();
  for (const OutputSpec& output : signature.outputs) outputs.push_back({output.path, output.text});
  return {{"method", signature.method}, {"inputs", inputs}, {"outputs", outputs}};
}

Signature DecodeSignature(const JsonNode& node) {
  Signature signature;
  signature.method = node.Required("method").String();
  for (const JsonNode& item : node.Required("inputs").Items()) signature.inputs.push_back(DecodeArgument(item));
  for (const JsonNode& item : node.Required("outputs").Items()) {
    const std::vector<JsonNode> pair = item.Items();
    if (pair.size() == 2) signature.outputs.push_back({pair[0].String(), pair[1].String()});
  }
  return signature;
}

}  // namespace torchassay
