// ByteSource: random access to a file's bytes without mapping it, so that reading a huge file
// costs no resident memory, and a file that shrinks meanwhile is an error, not a SIGBUS.

#ifndef VALIDATOR_ARCHIVE_BYTE_SOURCE_H_
#define VALIDATOR_ARCHIVE_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "validator/base/status.h"

namespace torchassay {

// Thread-safe: several threads may read at once.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  // Fills all of `buffer` from `offset` on. Error TA202: the file ends before.
  virtual Status ReadAt(std::uint64_t offset, std::span<std::byte> buffer) const = 0;
};

// A regular file, opened read-only and kept open. Errors: no such file, a directory, no permission.
Result<std::unique_ptr<ByteSource>> OpenFileSource(const std::string& path);

// Bytes that the caller keeps alive.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Status ReadAt(std::uint64_t offset, std::span<std::byte> buffer) const override;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_BYTE_SOURCE_H_
