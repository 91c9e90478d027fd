// Inspect: what a `.pt` file or a bundle holds, without LibTorch. The library that backs `inspect`.

#ifndef VALIDATOR_SESSION_INSPECT_H_
#define VALIDATOR_SESSION_INSPECT_H_

#include <string>

#include "validator/base/status.h"
#include "validator/report/inspection.h"

namespace torchassay {

struct InspectOptions {
  std::string path;       // a `.pt` or a bundle's folder
  bool checksums = true;  // compare the CRC-32 of every record; of a bundle, also its SHA-256
};

// A Status where there is nothing to inspect: not TorchScript (TA201), damaged (TA202, TA204), …
// A wrong checksum or hash is a finding: the rest can still be looked at.
Result<Inspection> Inspect(const InspectOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_INSPECT_H_
