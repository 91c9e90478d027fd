// Bundle: a folder with a manifest, a model and case files, each verified before it is trusted.

#ifndef VALIDATOR_MANIFEST_BUNDLE_H_
#define VALIDATOR_MANIFEST_BUNDLE_H_

#include <memory>
#include <string>

#include "validator/base/file.h"
#include "validator/base/status.h"
#include "validator/manifest/manifest.h"

namespace torchassay {

struct Bundle {
  std::string path;        // the folder as it was given
  std::string model_path;  // of model.pt
  Manifest manifest;

  // Where `file`, a path of the manifest, lies.
  std::string PathOf(const std::string& file) const;
};

// Whether `path` is a folder that holds a manifest.json.
bool LooksLikeBundle(const FileSystem& files, const std::string& path);

// Reads the manifest and checks that every file it names is there and inside the folder, and that nothing is
// read that it does not name. Contents are verified by VerifyFile, not here. Errors: those of ParseManifest, and
//   kNotFound           no such folder
//   TA211 kUnreadable   a folder without manifest.json, or a file in place of a folder
//   TA214 kUnreadable   a file of the manifest is missing; a case names a file that the manifest does not list
//   TA206 kRefused      a symbolic link leads out of the folder
Result<Bundle> OpenBundle(const FileSystem& files, const std::string& path);
Result<Bundle> OpenBundle(const std::string& path);

// Checks size and SHA-256 of one file (`file` is a path of the manifest) and returns its bytes, still mapped,
// so that what was verified is what is used. TA213 kUnreadable: it is not what was recorded.
Result<std::unique_ptr<FileBytes>> VerifyFile(const FileSystem& files, const Bundle& bundle, const std::string& file);
// VerifyFile for every file but the model, and whether each holds the tensors that the cases name, in the dtype and
// shape that the manifest gives them. TA211 kUnreadable where it does not; else the errors of VerifyFile and
// TensorFile.
Status VerifyCases(const FileSystem& files, const Bundle& bundle);

}  // namespace torchassay

#endif  // VALIDATOR_MANIFEST_BUNDLE_H_
