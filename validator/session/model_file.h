// The file that a command was given: a bare TorchScript archive, or a bundle around one.

#ifndef VALIDATOR_SESSION_MODEL_FILE_H_
#define VALIDATOR_SESSION_MODEL_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "validator/archive/archive.h"
#include "validator/base/finding.h"
#include "validator/base/status.h"
#include "validator/manifest/bundle.h"

namespace torchassay {

// How far the file is to be trusted, and what it needs to load.
struct LoadOptions {
  bool trust = false;                  // load even what would run code or touch files
  std::vector<std::string> libraries;  // shared objects with the model's own operators
};

struct ModelFile {
  std::string name;              // last part of the path
  std::string model_path;        // of the TorchScript archive
  std::optional<Bundle> bundle;  // absent: a bare file
  ArchiveSummary archive;
};

// Opens `path` and compares the checksums of its records; of a bundle, verifies the manifest and the model's hash as
// well. A file that is not TorchScript, is damaged or stale is a Status.
Result<ModelFile> OpenModelFile(const std::string& path);

// The method to call: the one that was asked for, else the one that the bundle was recorded with, else `forward`.
std::string MethodOf(const ModelFile& file, const std::string& asked);

// OK where LibTorch may load the file. kRefused (TA207, TA208) where loading or running it would run
// the author's code or touch files, and `trust` was not given.
Status PermitLoad(const ModelFile& file, const LoadOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_MODEL_FILE_H_
