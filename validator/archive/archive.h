// ReadArchive: what a TorchScript file holds, read without LibTorch and without running anything.
//
// The zip, its pickles and its printed code are read as data. Weights are only looked at for their
// checksums, in chunks: memory does not grow with them.
//
//   Result<ArchiveSummary> archive = ReadArchive("model.pt", {});
//   if (!archive.ok()) return archive.status();     // TA201, TA202, TA204, TA205, TA206: no such thing
//   for (const Finding& finding : archive->findings) …  // TA203, TA207 … TA210, TA216: what is wrong with it

#ifndef VALIDATOR_ARCHIVE_ARCHIVE_H_
#define VALIDATOR_ARCHIVE_ARCHIVE_H_

#include <string>

#include "validator/archive/archive_summary.h"
#include "validator/archive/byte_source.h"
#include "validator/archive/limits.h"
#include "validator/base/status.h"

namespace torchassay {

struct ReadOptions {
  bool checksums = true;  // read every record and compare its CRC-32
  int threads = 2;        // for the checksums alone
  ArchiveLimits limits;
};

// `path` may be any file. A file of another kind is a Status TA201 that names its kind.
Result<ArchiveSummary> ReadArchive(const std::string& path, const ReadOptions& options);
// The same from any bytes; `name` stands in messages.
Result<ArchiveSummary> ReadArchive(const ByteSource& source, const std::string& name, const ReadOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_ARCHIVE_H_
