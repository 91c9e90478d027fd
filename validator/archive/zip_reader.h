// Reading the bytes of one zip record: whole, with a limit, or as a stream of chunks.

#ifndef VALIDATOR_ARCHIVE_ZIP_READER_H_
#define VALIDATOR_ARCHIVE_ZIP_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "validator/archive/byte_source.h"
#include "validator/archive/zip_directory.h"
#include "validator/base/status.h"

namespace torchassay {

// Gives the record's bytes in order to `consume`, in chunks of at most 64 KiB, expanded where it is
// compressed. Error TA202: the compressed data is damaged, or expands to another size than declared.
Status StreamRecord(const ByteSource& source, const ZipEntry& entry,
                    const std::function<void(std::span<const std::byte>)>& consume);

// The whole record. Error TA205: it is larger than `limit` bytes.
Result<std::string> ReadRecord(const ByteSource& source, const ZipEntry& entry, std::uint64_t limit);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_ZIP_READER_H_
