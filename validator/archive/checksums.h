// Checksums: compares the CRC-32 of every record with the one its zip directory holds.
//
// LibTorch does not look at them, so that a flipped bit in a weight changes results in silence.

#ifndef VALIDATOR_ARCHIVE_CHECKSUMS_H_
#define VALIDATOR_ARCHIVE_CHECKSUMS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "validator/archive/byte_source.h"
#include "validator/archive/zip_directory.h"
#include "validator/base/status.h"

namespace torchassay {

struct ChecksumResult {
  std::uint64_t checked = 0;
  std::uint64_t unchecked = 0;          // not empty, but without a checksum
  std::vector<std::size_t> mismatched;  // indexes into the entries, ascending; each differs or cannot be expanded
};

// Reads everything once, `threads` at a time, in chunks. Error: the file cannot be read.
Result<ChecksumResult> VerifyChecksums(const ByteSource& source, const std::vector<ZipEntry>& entries, int threads);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_CHECKSUMS_H_
