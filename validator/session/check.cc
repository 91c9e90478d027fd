#include "validator/session/check.h"

#include <algorithm>
#include <utility>

#include "validator/base/strings.h"
#include "validator/session/provided_inputs.h"
#include "validator/session/report_parts.h"
#include "validator/signature/signature.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

// The bundle's declared signature as one that calls can be matched with.
Result<Signature> DeclaredSignature(const Manifest& manifest) {
  std::vector<InputSpec> specs;
  for (const SignatureEntry& entry : manifest.signature.inputs) {
    Result<InputSpec> spec = ParseInputSpec(entry.path.empty() ? entry.spec : entry.path + "=" + entry.spec);
    if (!spec.ok()) return spec.status().WithContext("the signature of the manifest");
    specs.push_back(std::move(*spec));
  }
  return SignatureFromSpecs(manifest.signature.method, specs);
}

Job JobFor(const CheckOptions& options, const ModelFile& file) {
  Job job;
  job.kind = JobKind::kCheck;
  job.model_path = file.model_path;
  job.method = MethodOf(file, options.method);
  job.device = options.device;
  job.inputs = options.inputs;
  job.inputs_path = options.inputs_path;
  job.libraries = options.load.libraries;
  job.timeout_s = options.timeout_s;
  job.memory_bytes = options.memory_bytes;
  return job;
}

bool AnyFails(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), FailsByDefault);
}

void AddFacts(const Signature& signature, ModelReport& model) {
  for (const ArgumentSpec& argument : signature.inputs) {
    const std::string text = PrintArgument(argument);
    model.facts.push_back({"declared", argument.path.empty() ? text : argument.path + "=" + text});
  }
}

// What the model itself says.
Result<std::vector<Finding>> AskModel(const CheckOptions& options, const ModelFile& file, Runner& runner,
                                      Report& report) {
  Result<JobResult> result = runner.Run(JobFor(options, file));
  if (!result.ok()) return result.status();
  DescribeRuntime(*result, options.device, report);
  return FindingsOf(*result);
}

}  // namespace

Result<Report> Check(const CheckOptions& options, Runner& runner) {
  Result<ProvidedInputs> inputs = ParseInputs(options.inputs, options.inputs_path);
  if (!inputs.ok()) return inputs.status();
  runner.Prepare();
  Result<ModelFile> file = OpenModelFile(options.path);
  if (!file.ok()) return file.status();

  Report report = NewReport("check");
  ModelReport model;
  model.name = file->name;
  std::vector<Finding> findings;
  if (file->bundle) {
    DescribeOrigin(file->bundle->manifest, model);
    Result<Signature> declared = DeclaredSignature(file->bundle->manifest);
    if (!declared.ok()) return declared.status();
    std::vector<std::string> names;
    for (const ArgumentSpec& argument : declared->inputs) names.push_back(argument.path);
    UnnameArray(names, inputs->provided);
    findings = Match(*declared, inputs->provided);
    AddFacts(*declared, model);
  }
  if (!AnyFails(findings)) {
    if (Status status = PermitLoad(*file, options.load); !status.ok()) return status;
    Result<std::vector<Finding>> asked = AskModel(options, *file, runner, report);
    if (!asked.ok()) return asked.status();
    findings = std::move(*asked);
    if (!AnyFails(findings)) model.facts.insert(model.facts.begin(), {"takes", DescribeInputs(inputs->provided)});
  }
  for (Finding& finding : findings) {
    if (finding.subject.empty()) finding.subject = file->name;
    AddFinding(report, model.name, std::move(finding));
  }
  report.models.push_back(std::move(model));
  Judge(report);
  return report;
}

}  // namespace torchassay
