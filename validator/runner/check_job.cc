// Describes what a model takes, and checks a caller's inputs against it before any data runs.

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "validator/base/strings.h"
#include "validator/runner/describe.h"
#include "validator/runner/inputs.h"
#include "validator/runner/jobs.h"
#include "validator/runner/model.h"
#include "validator/runner/probe.h"
#include "validator/runner/verdict.h"
#include "validator/signature/declared_calls.h"

namespace torchassay {
namespace {

Finding Undetermined(const Job& job, const std::string& why) {
  Finding finding = ExecutionFinding(job, "TA309", "what the model takes could not be determined: " + why);
  finding.severity = Severity::kNote;
  return finding;
}

CallValues AssembleOrThrow(const std::vector<Provided>& provided) {
  Result<CallValues> call = AssembleCall(provided);
  if (!call.ok()) throw UnusableInput(call.status().finding_code(), call.status().message());
  return *std::move(call);
}

// A call of those that were declared, and what came of it. Integers whose range a spec declares are as known as sizes
// are. Lengths often have to fall, offsets to rise: only what is refused both ways is refused.
ProbeResult ProbeCall(Prober& prober, const JobInputs& inputs, const std::vector<Provided>& provided) {
  bool declared = false;
  const auto with = [&](bool rising) {
    return prober.Probe(AssembleOrThrow(provided), [&](const TensorRef& tensor) {
      const std::optional<at::Tensor> values = inputs.Declared(tensor, rising);
      declared |= values.has_value();
      return values ? *values : WithoutData(tensor);
    });
  };
  ProbeResult falling = with(/*rising=*/false);
  if (falling.accepted() || !declared) return falling;
  ProbeResult rising = with(/*rising=*/true);
  return rising.accepted() ? rising : falling;
}

struct RefusedCall {
  DeclaredCall call;
  Refusal refusal;
};

// The first that is refused.
std::optional<RefusedCall> FindRefused(Prober& prober, const JobInputs& inputs) {
  for (DeclaredCall& call : DeclaredCalls(inputs.provided())) {
    ProbeResult result = ProbeCall(prober, inputs, call.provided);
    if (!result.accepted()) return RefusedCall{std::move(call), *std::move(result.refusal)};
  }
  return std::nullopt;
}

constexpr std::size_t kMostBlamed = 4;  // inputs named together

bool IsAboutStructure(const std::string& code) { return code == "TA304" || code == "TA305" || code == "TA306"; }

// With the element types of the call where they are taken, so that nothing else seems to be asked for.
Signature InTypesOf(const std::vector<Provided>& provided, const Description& description) {
  Signature signature = description.signature;
  for (ArgumentSpec& argument : signature.inputs) {
    const auto given = std::find_if(provided.begin(), provided.end(),
                                    [&](const Provided& item) { return item.path == argument.path; });
    const auto also = description.also_taken.find(argument.path);
    if (given == provided.end() || also == description.also_taken.end()) continue;
    const auto* tensor = std::get_if<TensorSpec>(&given->value);
    if (tensor == nullptr || std::ranges::find(also->second, tensor->dtype) == also->second.end()) continue;
    for (ValueSpec& legal : argument.alternatives) {
      if (auto* spec = std::get_if<TensorSpec>(&legal)) spec->dtype = tensor->dtype;
    }
  }
  return signature;
}

// "`ids`", "`ids` and `mask`": what the refusing operator's inputs were computed of; "the input" where that says
// nothing.
std::string WhatIsRefused(const CallValues& call, const Form& named, const Refusal& refusal) {
  const Form given(call);
  const auto tensors = given.tensors();
  std::vector<std::string> blamed;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (std::ranges::count(refusal.blamed, tensors[i].first) > 0) blamed.push_back(Quote(named.tensors()[i].first));
  }
  if (blamed.empty() || blamed.size() > kMostBlamed) return "the input is refused";
  if (blamed.size() == 1) return blamed[0] + " is refused";
  const std::string last = blamed.back();
  blamed.pop_back();
  return Join(blamed, ", ") + " and " + last + " are refused together";
}

// What does not fit the signature, with the operator that minds; else the operator alone.
std::vector<Finding> Explain(const Job& job, const Description& description, const std::vector<Provided>& provided,
                             const Refusal& refusal, const std::string& what_is_refused) {
  std::vector<Finding> findings = Match(InTypesOf(provided, description), provided);
  std::erase_if(findings, [](const Finding& finding) { return finding.severity != Severity::kError; });
  // A structure that does not fit is refused before any tensor is looked at.
  if (IsAboutStructure(refusal.code)) {
    std::erase_if(findings, [](const Finding& finding) { return !IsAboutStructure(finding.code); });
  }
  // Another kind of value says more than what is missing for it.
  const bool other_kind = refusal.code == "TA305" && std::none_of(findings.begin(), findings.end(),
                                                                  [](const Finding& f) { return f.code == "TA305"; });
  if (findings.empty() || other_kind) {
    findings.clear();
    findings.push_back(ExecutionFinding(job, refusal.code, what_is_refused + ": " + RefusalText(refusal)));
  } else if (!IsAboutStructure(findings[0].code) && !IsAboutStructure(refusal.code)) {
    findings[0].message += ": " + RefusalText(refusal);
  }
  for (Finding& finding : findings) {
    finding.subject = ExecutionFinding(job, "", "").subject;
    finding.module = refusal.module;
  }
  return findings;
}

}  // namespace

JobResult DescribeJob(const Job& job) {
  Model model(job.model_path, job.method, at::kCPU);
  Description description = DescribeModel(model, std::nullopt);
  JobResult result;
  result.load_ms = model.load_ms();
  if (!description.undetermined.empty()) result.findings.push_back(Undetermined(job, description.undetermined));
  result.signature = std::move(description.signature);
  return result;
}

JobResult CheckJob(const Job& job) {
  FindDevice(job.device);  // nothing runs on it, but where it is missing nothing could
  Model model(job.model_path, job.method, at::kCPU);
  const JobInputs inputs(job, ParameterNames(model.schema()), /*need_fill=*/false);
  Prober prober(model);
  const std::optional<RefusedCall> refused = FindRefused(prober, inputs);
  JobResult result;
  result.load_ms = model.load_ms();
  if (!refused) return result;
  const auto& [call, refusal] = *refused;
  std::optional<Form> form;
  std::string what_is_refused = "the input is refused";
  if (!IsAboutStructure(refusal.code)) {
    const CallValues values = AssembleOrThrow(call.provided);
    form = Form::Named(values, model.schema());
    what_is_refused = WhatIsRefused(values, *form, refusal);
  }
  Description description = DescribeModel(model, form);
  const std::vector<Provided>& shown = call.where.empty() ? inputs.provided() : call.provided;
  result.findings = Explain(job, description, shown, refusal, what_is_refused);
  for (Finding& finding : result.findings) {
    if (!call.where.empty())
      finding.notes.push_back("this call is one of those that the input declares: " + call.where);
  }
  result.signature = std::move(description.signature);
  return result;
}

}  // namespace torchassay
