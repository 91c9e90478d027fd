// FileKind: names what a file is when it is no TorchScript archive, and what to do about it.

#ifndef VALIDATOR_ARCHIVE_FILE_KIND_H_
#define VALIDATOR_ARCHIVE_FILE_KIND_H_

#include <optional>
#include <string>
#include <vector>

#include "validator/archive/byte_source.h"
#include "validator/archive/limits.h"
#include "validator/archive/pickle_value.h"
#include "validator/archive/zip_directory.h"

namespace torchassay {

struct FileKind {
  std::string what;  // after "is": "a state_dict, not TorchScript: 122 tensors"
  std::string help;
};

// What a file that is no zip is: by its first bytes, its pickles or its protobuf fields. Always an
// answer, if need be "of no known kind".
FileKind ForeignFileKind(const ByteSource& source, const ArchiveLimits& limits);

// What a zip is that holds no TorchScript; absent where it does. `root` is the folder of its records.
std::optional<FileKind> ForeignZipKind(const ByteSource& source, const std::vector<ZipEntry>& entries,
                                       const std::string& root, const ArchiveLimits& limits);

// What torch.save or pickle was given: a state_dict, a checkpoint, a module, a tensor, …
FileKind PickledKind(const PickleTree& pickle);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_FILE_KIND_H_
