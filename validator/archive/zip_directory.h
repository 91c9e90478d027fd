// ZipDirectory: the records of a zip file and where each one's bytes lie, checked for consistency.
//
// Readers of zip files disagree about inconsistent ones, which is how a file can show one content to
// a checker and another to the program that loads it. So whatever is ambiguous is refused here:
// names that repeat, records that overlap, local headers that contradict the directory.

#ifndef VALIDATOR_ARCHIVE_ZIP_DIRECTORY_H_
#define VALIDATOR_ARCHIVE_ZIP_DIRECTORY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "validator/archive/byte_source.h"
#include "validator/archive/limits.h"
#include "validator/base/status.h"

namespace torchassay {

struct ZipEntry {
  std::string name;
  bool compressed = false;        // deflate; else stored as it is
  std::uint32_t crc = 0;          // 0: not computed
  std::uint64_t stored_size = 0;  // in the file
  std::uint64_t size = 0;         // once expanded
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
};

// Whether the file begins like a zip with records.
bool StartsLikeZip(const ByteSource& source);
// Whether the file ends with a zip's end record: one with a damaged beginning.
bool EndsLikeZip(const ByteSource& source);

// All entries in the directory's order, folders left out; zip64 and archives beyond 4 GiB included.
// Errors:
//   TA202  cut off or damaged: no directory, offsets beyond the end, records that overlap or repeat,
//          encrypted, split over several files, or compressed in a way that LibTorch does not read
//   TA205  more entries than `limits` allow, or compressed ones that expand beyond them
//   TA206  a name that is absolute, climbs with `..`, or holds a backslash or a control character
Result<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source, const ArchiveLimits& limits);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_ZIP_DIRECTORY_H_
