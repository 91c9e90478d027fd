// Container: an opened TorchScript file: its records by name, relative to the folder they share.

#ifndef VALIDATOR_ARCHIVE_CONTAINER_H_
#define VALIDATOR_ARCHIVE_CONTAINER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "validator/archive/byte_source.h"
#include "validator/archive/limits.h"
#include "validator/archive/zip_directory.h"
#include "validator/base/status.h"

namespace torchassay {

// The source must outlive it.
class Container final {
 public:
  // `name` stands for the file in messages. Errors: TA201 with the kind that the file is of; TA202, TA205, TA206 as
  // ReadZipDirectory; TA202 also where a TorchScript file has lost its `data.pkl` or has several root folders.
  static Result<Container> Open(const ByteSource& source, const std::string& name, const ArchiveLimits& limits);

  const ByteSource& source() const { return *source_; }
  const ArchiveLimits& limits() const { return limits_; }
  const std::string& root() const { return root_; }
  // In the file's order, with full names.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  // The name without the root folder.
  std::string_view RelativeName(const ZipEntry& entry) const;

  // `name` is relative: "data/0". Null: no such record. Valid as long as this container.
  const ZipEntry* Find(std::string_view name) const;
  // The whole record. Errors: TA202 no such record, or damaged; TA205 larger than `limit`.
  Result<std::string> Read(std::string_view name, std::uint64_t limit) const;

 private:
  Container(const ByteSource& source, const ArchiveLimits& limits) : source_(&source), limits_(limits) {}
  Status Index();

  const ByteSource* source_;
  ArchiveLimits limits_;
  std::string root_;
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string, std::size_t> by_name_;
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_CONTAINER_H_
