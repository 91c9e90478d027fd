// Inspect: what a `.pt` file or a bundle holds, without loading it into LibTorch.

#ifndef VALIDATOR_SESSION_INSPECT_H_
#define VALIDATOR_SESSION_INSPECT_H_

#include <optional>
#include <string>
#include <vector>

#include "validator/archive/archive.h"
#include "validator/base/finding.h"
#include "validator/base/status.h"
#include "validator/manifest/manifest.h"

namespace torchassay {

struct InspectOptions {
  std::string path;       // a `.pt` or a bundle's folder
  bool checksums = true;  // compare the CRC-32 of every record
};

struct Inspection {
  std::string name;  // last part of the path
  ArchiveSummary archive;
  std::optional<Manifest> manifest;  // of a bundle
  std::vector<Finding> findings;     // of the archive, and of the bundle's own files
};

// A Status where there is nothing to inspect: not TorchScript (TA201), damaged (TA202, TA204), …
Result<Inspection> Inspect(const InspectOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_INSPECT_H_
