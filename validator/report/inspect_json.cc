#include "validator/report/inspect_json.h"

#include "validator/base/finding_json.h"
#include "validator/base/json.h"

namespace torchassay {
namespace {

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json EncodeModules(const ArchiveSummary& archive) {
  const std::vector<ModuleSize> sizes = ModuleSizes(archive);
  Json modules = Json::array();
  for (std::size_t i = 0; i < archive.modules.size(); ++i) {
    const ModuleNode& node = archive.modules[i];
    Json attributes = Json::array();
    for (const Attribute& attribute : node.attributes) {
      attributes.push_back(
          {{"name", attribute.name}, {"type", DemangledName(attribute.type)}, {"value", attribute.value}});
    }
    modules.push_back({{"path", node.path},
                       {"class", node.class_name},
                       {"type", node.type},
                       {"shares", node.shares.empty() ? Json() : Json(node.shares)},
                       {"training", node.training ? Json(*node.training) : Json()},
                       {"own_parameters", sizes[i].own_parameters},
                       {"own_bytes", sizes[i].own_bytes},
                       {"parameters", sizes[i].parameters},
                       {"bytes", sizes[i].bytes},
                       {"attributes", std::move(attributes)}});
  }
  return modules;
}

Json EncodeTensors(const ArchiveSummary& archive) {
  Json tensors = Json::array();
  for (const NamedTensor& named : archive.tensors) {
    const StoredTensor& tensor = named.tensor;
    tensors.push_back({{"path", named.path},
                       {"role", TensorRoleName(named.role)},
                       {"dtype", tensor.dtype},
                       {"shape", tensor.shape},
                       {"stride", tensor.stride},
                       {"elements", tensor.elements()},
                       {"bytes", tensor.bytes()},
                       {"record", tensor.record},
                       {"device", tensor.device},
                       {"requires_grad", tensor.requires_grad},
                       {"layout", OrNull(tensor.layout)},
                       {"quantisation", OrNull(tensor.quantisation)},
                       {"shares", OrNull(named.shares)}});
  }
  return tensors;
}

Json EncodeMethod(const Method& method, bool with_code) {
  Json arguments = Json::array();
  for (const Argument& argument : method.arguments) {
    arguments.push_back({{"name", argument.name},
                         {"type", DemangledName(argument.type)},
                         {"default", argument.default_value ? Json(*argument.default_value) : Json()}});
  }
  Json source;
  if (method.source) source = {{"file", method.source->file}, {"line", method.source->line}};
  Json json = {{"name", method.name},
               {"schema", method.Schema()},
               {"arguments", std::move(arguments)},
               {"returns", DemangledName(method.returns)},
               {"made_by", method.traced ? "trace" : "script"},
               {"code_file", method.code_file},
               {"code_line", method.code_line},
               {"source", std::move(source)}};
  if (!with_code) return json;
  json["code"] = method.code;
  Json places = Json::array();
  for (const auto& [line, place] : method.places) {
    places.push_back({{"code_line", method.code_line + line}, {"file", place.file}, {"line", place.line}});
  }
  json["places"] = std::move(places);
  return json;
}

Json EncodeMethods(const std::vector<Method>& methods, bool with_code) {
  Json json = Json::array();
  for (const Method& method : methods) json.push_back(EncodeMethod(method, with_code));
  return json;
}

Json EncodeClasses(const ArchiveSummary& archive, bool with_code) {
  Json classes = Json::array();
  for (const ClassCode& code : archive.classes) {
    classes.push_back({{"name", code.name},
                       {"kind", code.kind},
                       {"parameters", code.parameters},
                       {"buffers", code.buffers},
                       {"methods", EncodeMethods(code.methods, with_code)}});
  }
  return classes;
}

Json EncodeOperators(const ArchiveSummary& archive) {
  Json operators = Json::array();
  for (const OperatorUse& use : archive.operators) {
    operators.push_back({{"name", use.name}, {"count", use.count}, {"methods", use.methods}});
  }
  return operators;
}

Json EncodeTracedInputs(const ArchiveSummary& archive) {
  Json inputs = Json::array();
  for (const TracedInput& traced : archive.traced_inputs) {
    inputs.push_back({{"method", traced.method}, {"arguments", traced.texts}});
  }
  return inputs;
}

Json EncodeRecords(const ArchiveSummary& archive) {
  Json records = Json::array();
  for (const RecordInfo& record : archive.records) {
    records.push_back({{"name", record.name},
                       {"bytes", record.bytes},
                       {"stored_bytes", record.stored_bytes},
                       {"compressed", record.compressed},
                       {"has_checksum", record.has_checksum}});
  }
  return records;
}

Json EncodeSignature(const ArchiveSummary& archive) {
  const ClassCode* root = archive.FindClass(archive.modules.front().type);
  return root == nullptr ? Json::array() : EncodeMethods(root->methods, /*with_code=*/false);
}

Json EncodeEvidence(const std::vector<Evidence>& evidence) {
  Json items = Json::array();
  for (const Evidence& item : evidence) items.push_back({{"label", item.label}, {"text", item.text}});
  return items;
}

Json EncodeInputs(const Signature& signature) {
  Json inputs = Json::array();
  for (const ArgumentSpec& argument : signature.inputs) {
    inputs.push_back({{"path", argument.path},
                      {"type", argument.type},
                      {"spec", PrintArgument(argument)},
                      {"default", argument.default_value ? Json(*argument.default_value) : Json()},
                      {"origin", OriginName(argument.origin)},
                      {"evidence", EncodeEvidence(argument.evidence)}});
  }
  return inputs;
}

Json EncodeEntries(const std::vector<SignatureEntry>& entries) {
  Json json = Json::array();
  for (const SignatureEntry& entry : entries) json.push_back({{"path", entry.path}, {"spec", entry.spec}});
  return json;
}

Json EncodeManifest(const Manifest& manifest) {
  Json tolerances = Json::array();
  for (const OutputTolerance& tolerance : manifest.tolerances) {
    tolerances.push_back({{"output", tolerance.output},
                          {"rtol", tolerance.rtol},
                          {"atol", tolerance.atol},
                          {"origin", tolerance.origin}});
  }
  Json cases = Json::array();
  for (const Case& one : manifest.cases) {
    cases.push_back({{"name", one.name}, {"kind", CaseKindName(one.kind)}, {"calls", one.calls.size()}});
  }
  Json findings = Json::array();
  for (const Finding& finding : manifest.findings) findings.push_back(EncodeFinding(finding));
  return {{"model", manifest.source.model},
          {"torch", manifest.producer.torch},
          {"created", manifest.created},
          {"mode_used", manifest.conversion.mode_used},
          {"faithful", manifest.conversion.faithful},
          {"inputs", EncodeEntries(manifest.signature.inputs)},
          {"outputs", EncodeEntries(manifest.signature.outputs)},
          {"tolerances", std::move(tolerances)},
          {"cases", std::move(cases)},
          {"findings", std::move(findings)}};
}

}  // namespace

std::string RenderInspectionJson(const Inspection& inspection, InspectView view) {
  const ArchiveSummary& archive = inspection.archive;
  const bool with_code = view == InspectView::kCode || view == InspectView::kGraph;
  const ModuleSize all = ModuleSizes(archive).front();
  Json findings = Json::array();
  for (const Finding& finding : inspection.findings) findings.push_back(EncodeFinding(finding));
  Json json = {
      {"schema_version", kInspectSchemaVersion},
      {"command", "inspect"},
      {"file", inspection.name},
      {"kind", ArchiveKindName(archive.kind)},
      {"format_version", archive.format_version},
      {"producer", archive.producer},
      {"bytes", archive.file_bytes},
      {"checksums", {{"checked", archive.checked_records}, {"unchecked", archive.unchecked_records}}},
      {"summary",
       {{"modules", archive.modules.size()},
        {"tensors", archive.tensors.size()},
        {"parameters", all.parameters},
        {"bytes_by_dtype", BytesByType(archive)}}},
      {"signature", EncodeSignature(archive)},
      {"modules", EncodeModules(archive)},
      {"tensors", EncodeTensors(archive)},
      {"classes", EncodeClasses(archive, with_code)},
      {"functions", EncodeMethods(archive.functions, with_code)},
      {"operators", EncodeOperators(archive)},
      {"traced_inputs", EncodeTracedInputs(archive)},
      {"devices", {{"code", archive.code_devices}, {"storages", archive.storage_devices}}},
      {"extra_files", archive.extra_files},
      {"records", EncodeRecords(archive)},
      {"risks",
       {{"runs_on_load", archive.runs_on_load},
        {"touches_files", archive.touches_files},
        {"unknown_operators", archive.unknown_operators},
        {"unknown_classes", archive.unknown_classes}}},
      {"findings", std::move(findings)},
      {"verdict", std::string(ModelVerdictName(inspection.verdict))},
  };
  if (inspection.manifest) json["manifest"] = EncodeManifest(*inspection.manifest);
  if (inspection.inputs) json["inputs"] = EncodeInputs(*inspection.inputs);
  return DumpJson(json, 2) + "\n";
}

}  // namespace torchassay
