#include "validator/archive/archive_findings.h"

#include <map>
#include <utility>
#include <vector>

#include "validator/archive/known_operators.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

// The newest format that LibTorch reads (kMaxSupportedFileFormatVersion of caffe2/serialize/versions.h).
constexpr int kNewestFormat = 10;

Finding MakeFinding(std::string code, Severity severity, std::string message, std::string help) {
  Finding finding;
  finding.code = std::move(code);
  finding.severity = severity;
  finding.message = std::move(message);
  finding.help = std::move(help);
  return finding;
}

// "`__torch__.Net.forward` (net.py:12)" for each method that uses `name`.
std::vector<Evidence> UsedIn(const ArchiveSummary& archive, const std::string& name) {
  for (const OperatorUse& use : archive.operators) {
    if (use.name != name) continue;
    std::vector<std::string> methods;
    for (const std::string& method : use.methods) methods.push_back(DemangledName(method));
    return {{"called in", QuoteList(methods)}};
  }
  return {};
}

void AddFileOperators(ArchiveSummary& archive) {
  for (const std::string& name : archive.touches_files) {
    Finding finding = MakeFinding(
        "TA207", Severity::kWarning, "the model calls " + Quote(name) + ", which reads or writes files",
        "read the code with `torchassay inspect --code`; load the model with `--trust` if you trust its author");
    finding.evidence = UsedIn(archive, name);
    archive.findings.push_back(std::move(finding));
  }
}

void AddLoadingCode(ArchiveSummary& archive) {
  for (const std::string& method : archive.runs_on_load) {
    archive.findings.push_back(MakeFinding(
        "TA208", Severity::kWarning, "loading the model runs its own code, " + Quote(DemangledName(method)),
        "read the code with `torchassay inspect --code`; load the model with `--trust` if you trust its author"));
  }
}

void AddUnknown(ArchiveSummary& archive) {
  const std::string lacks = ", which LibTorch " + std::string(kKnownTorch) + " does not have";
  const std::string help = "give the library that registers it: `--library FILE.so`";
  for (const std::string& name : archive.unknown_operators) {
    Finding finding =
        MakeFinding("TA209", Severity::kWarning, "the model calls the operator " + Quote(name) + lacks, help);
    finding.evidence = UsedIn(archive, name);
    archive.findings.push_back(std::move(finding));
  }
  for (const std::string& name : archive.unknown_classes) {
    archive.findings.push_back(
        MakeFinding("TA209", Severity::kWarning, "the model uses the C++ class " + Quote(name) + lacks, help));
  }
}

void AddDevices(ArchiveSummary& archive) {
  for (const std::string& device : archive.code_devices) {
    if (device == "cpu" || device == "meta") continue;
    archive.findings.push_back(MakeFinding(
        "TA210", Severity::kWarning, "the code names the device " + Quote(device) + ": it fails on machines without it",
        "convert the model on the CPU, or create tensors with `device=x.device`"));
  }
}

void AddNewerFormat(ArchiveSummary& archive) {
  if (archive.format_version < 1) {
    archive.findings.push_back(MakeFinding("TA202", Severity::kError,
                                           "the record `version` names no format version, so LibTorch refuses the file",
                                           "save the model again, or copy the file again"));
  }
  if (archive.format_version <= kNewestFormat) return;
  archive.findings.push_back(
      MakeFinding("TA216", Severity::kNote,
                  "the file has format version " + std::to_string(archive.format_version) + ", newer than the " +
                      std::to_string(kNewestFormat) + " that LibTorch " + std::string(kKnownTorch) + " reads",
                  "validate it with a newer release of this program, or save it with an older PyTorch"));
}

}  // namespace

void AddChecksumFindings(const std::set<std::string>& records, ArchiveSummary& archive) {
  std::map<std::string, std::vector<std::string>> by_record;
  for (const NamedTensor& tensor : archive.tensors) {
    if (records.count(tensor.tensor.record) > 0) by_record[tensor.tensor.record].push_back(tensor.path);
  }
  for (const std::string& record : records) {
    const std::vector<std::string>& tensors = by_record[record];
    Finding finding = MakeFinding("TA203", Severity::kError,
                                  "the record " + Quote(record) + " is damaged: its checksum is wrong" +
                                      (tensors.empty() ? "" : ", so " + QuoteList(tensors) + " cannot be trusted"),
                                  "copy or download the file again; LibTorch would load it without a word");
    archive.findings.push_back(std::move(finding));
  }
}

void AddRiskFindings(ArchiveSummary& archive) {
  AddFileOperators(archive);
  AddLoadingCode(archive);
  AddUnknown(archive);
  AddDevices(archive);
  AddNewerFormat(archive);
}

std::string DescribeProducer(const ArchiveSummary& archive) {
  if (!archive.byte_order.empty()) return "PyTorch 2.1 or later";
  if (archive.format_version >= 10) return "PyTorch 1.12 or later";
  if (archive.format_version >= 7) return "PyTorch 1.11 or 1.12";
  return "PyTorch 1.10 or earlier";
}

}  // namespace torchassay
