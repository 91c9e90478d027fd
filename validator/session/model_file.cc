#include "validator/session/model_file.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

// The archive with its checksums compared; damage that LibTorch would or would not find is a Status.
Result<ArchiveSummary> ReadChecked(const std::string& path) {
  Result<ArchiveSummary> archive = ReadArchive(path, {});
  if (!archive.ok()) return archive;
  for (const Finding& finding : archive->findings) {
    if ((finding.code == "TA202" || finding.code == "TA203") && finding.severity == Severity::kError) {
      return Status(StatusCode::kUnreadable, finding.code, Quote(BaseName(path)) + ": " + finding.message,
                    finding.help);
    }
  }
  return archive;
}

Result<ModelFile> OpenBundleFile(const std::string& path) {
  const RealFileSystem files;
  Result<Bundle> bundle = OpenBundle(files, path);
  if (!bundle.ok()) return bundle.status();
  Result<std::unique_ptr<FileBytes>> model = VerifyFile(files, *bundle, BaseName(bundle->model_path));
  if (!model.ok()) return model.status();
  // The hash vouches for what was put into the bundle, the checksums for what was saved.
  Result<ArchiveSummary> archive = ReadChecked(bundle->model_path);
  if (!archive.ok()) return archive.status();
  return ModelFile{BaseName(AbsolutePath(path)), bundle->model_path, std::move(*bundle), std::move(*archive)};
}

}  // namespace

Result<ModelFile> OpenModelFile(const std::string& path) {
  if (!IsUtf8(path)) {
    return Status(StatusCode::kUnreadable, Quote(path) + " is not UTF-8, and results could not name it", "rename it");
  }
  if (RealFileSystem().Kind(path) == FileKind::kDirectory) return OpenBundleFile(path);
  Result<ArchiveSummary> archive = ReadChecked(path);
  if (!archive.ok()) return archive.status();
  return ModelFile{BaseName(AbsolutePath(path)), path, std::nullopt, std::move(*archive)};
}

std::string MethodOf(const ModelFile& file, const std::string& asked) {
  if (!asked.empty()) return asked;
  return file.bundle ? file.bundle->manifest.signature.method : "forward";
}

Status PermitLoad(const ModelFile& file, const LoadOptions& options) {
  for (const std::string& library : options.libraries) {
    if (RealFileSystem().Kind(library) != FileKind::kOther) continue;
    return Status(StatusCode::kUnreadable, "TA506", Quote(library) + " is no regular file, and so no library");
  }
  if (options.trust) return Status();
  const char* help = "load it with `--trust` if you know who made it";
  if (!file.archive.runs_on_load.empty()) {
    return Status(StatusCode::kRefused, "TA208",
                  Quote(file.name) + " would run code while it is loaded: " + QuoteList(file.archive.runs_on_load),
                  help);
  }
  if (!file.archive.touches_files.empty()) {
    return Status(StatusCode::kRefused, "TA207",
                  Quote(file.name) + " reads or writes files: " + QuoteList(file.archive.touches_files), help);
  }
  return Status();
}

}  // namespace torchassay
