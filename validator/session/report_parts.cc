#include "validator/session/report_parts.h"

#include <algorithm>
#include <utility>

#include "validator/base/strings.h"
#include "validator/report/version.h"

namespace torchassay {
namespace {

const char* CodeOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFinished: return "";
    case Outcome::kRaised: return "TA501";
    case Outcome::kCrashed: return "TA502";
    case Outcome::kTimedOut: return "TA503";
    case Outcome::kOutOfMemory: return "TA504";
    case Outcome::kDeviceMissing: return "TA505";
    case Outcome::kCouldNotLoad: return "TA506";
    case Outcome::kUnusable: return "TA508";
  }
  return "TA508";
}

// Parameters of a module itself; a tensor that shares another's storage counts once.
void CountOwn(const ArchiveSummary& archive, const ModuleNode& node, ModuleReport& module) {
  for (int index : node.tensors) {
    const NamedTensor& named = archive.tensors[index];
    if (!named.shares.empty()) continue;
    if (named.role == TensorRole::kParameter) module.parameters += ElementCount(named.tensor.shape);
    module.bytes += named.tensor.bytes();
  }
}

}  // namespace

Report NewReport(const std::string& command) {
  Report report;
  report.command = command;
  report.environment.tool_version = kVersion;
  report.environment.platform = kPlatform;
  return report;
}

void DescribeRuntime(const JobResult& result, const std::string& device, Report& report) {
  if (!result.torch_version.empty()) report.environment.torch_version = result.torch_version;
  report.environment.device = device;
}

void AddFinding(Report& report, const std::string& model, Finding finding) {
  ReportedFinding reported;
  reported.fails = FailsByDefault(finding);
  reported.finding = std::move(finding);
  reported.model = model;
  report.findings.push_back(std::move(reported));
}

void DescribeOrigin(const Manifest& manifest, ModelReport& model) {
  model.origin = {manifest.source.model, manifest.conversion.mode_used, manifest.producer.torch,
                  manifest.conversion.faithful};
  for (const BundleFile& file : manifest.files) {
    model.files.push_back({file.path, static_cast<std::int64_t>(file.bytes), file.sha256});
  }
  std::stable_partition(model.files.begin(), model.files.end(),
                        [](const FileReport& file) { return file.path.ends_with(".pt"); });
}

std::vector<ModuleReport> ModuleTree(const ArchiveSummary& archive) {
  std::vector<ModuleReport> modules;
  for (const ModuleNode& node : archive.modules) {
    ModuleReport module{.path = node.path, .type = node.class_name};
    CountOwn(archive, node, module);
    modules.push_back(std::move(module));
  }
  // Children come after their parents, so that from the back every sum is complete when it is added.
  for (std::size_t parent = archive.modules.size(); parent-- > 0;) {
    for (int child : archive.modules[parent].children) {
      modules[parent].parameters += modules[child].parameters;
      modules[parent].bytes += modules[child].bytes;
    }
  }
  return modules;
}

std::vector<Finding> FindingsOfOutcome(const JobResult& result) {
  if (result.outcome == Outcome::kFinished) return {};
  // What keeps a request from being served has a code of its own.
  if (result.outcome == Outcome::kUnusable && std::ranges::any_of(result.findings, FailsByDefault)) return {};
  const std::string code = CodeOf(result.outcome);
  const auto same = [&](const Finding& finding) { return finding.code == code; };
  if (std::any_of(result.findings.begin(), result.findings.end(), same)) return {};
  for (const CaseResult& one : result.cases) {
    if (std::any_of(one.findings.begin(), one.findings.end(), same)) return {};
  }
  Finding finding;
  finding.code = code;
  finding.message =
      result.detail.empty() ? std::string("the model's process ") + OutcomeName(result.outcome) : result.detail;
  return {finding};
}

std::vector<Finding> FindingsOf(const JobResult& result) {
  std::vector<Finding> findings = result.findings;
  for (Finding& finding : FindingsOfOutcome(result)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace torchassay
