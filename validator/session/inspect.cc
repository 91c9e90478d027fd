#include "validator/session/inspect.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "validator/archive/archive.h"
#include "validator/base/file.h"
#include "validator/manifest/bundle.h"

namespace torchassay {
namespace {

std::string NameOf(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return BaseName(path);
}

Finding FindingOf(const Status& status) {
  Finding finding;
  finding.code = status.finding_code();
  finding.message = status.message();
  finding.help = status.help();
  return finding;
}

// One finding for each file of the bundle that is not what the manifest recorded.
std::vector<Finding> VerifyFiles(const FileSystem& files, const Bundle& bundle) {
  std::vector<Finding> findings;
  for (const BundleFile& file : bundle.manifest.files) {
    const Result<std::unique_ptr<FileBytes>> bytes = VerifyFile(files, bundle, file.path);
    if (!bytes.ok()) findings.push_back(FindingOf(bytes.status()));
  }
  return findings;
}

Result<ArchiveSummary> Read(const std::string& path, bool checksums) {
  ReadOptions options;
  options.checksums = checksums;
  return ReadArchive(path, options);
}

Status AddBundle(const InspectOptions& options, Inspection& inspection) {
  const RealFileSystem files;
  Result<Bundle> bundle = OpenBundle(files, options.path);
  if (!bundle.ok()) return bundle.status();
  if (options.checksums) inspection.findings = VerifyFiles(files, *bundle);
  Result<ArchiveSummary> archive = Read(bundle->model_path, options.checksums);
  if (!archive.ok()) return archive.status();
  inspection.archive = std::move(*archive);
  inspection.manifest = std::move(bundle->manifest);
  return Status();
}

Status AddBareFile(const InspectOptions& options, Inspection& inspection) {
  Result<ArchiveSummary> archive = Read(options.path, options.checksums);
  if (!archive.ok()) return archive.status();
  inspection.archive = std::move(*archive);
  return Status();
}

}  // namespace

Result<Inspection> Inspect(const InspectOptions& options) {
  Inspection inspection;
  inspection.name = NameOf(options.path);
  const bool bundle = LooksLikeBundle(RealFileSystem(), options.path);
  Status status = bundle ? AddBundle(options, inspection) : AddBareFile(options, inspection);
  if (!status.ok()) return status;
  const std::vector<Finding>& own = inspection.archive.findings;
  inspection.findings.insert(inspection.findings.end(), own.begin(), own.end());
  const bool damaged = std::any_of(inspection.findings.begin(), inspection.findings.end(),
                                   [](const Finding& finding) { return finding.severity == Severity::kError; });
  inspection.verdict = damaged ? ModelVerdict::kNotDone : ModelVerdict::kPassed;
  return inspection;
}

}  // namespace torchassay
