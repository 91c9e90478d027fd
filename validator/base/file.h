// Files: a small interface that tests can replace, and read-only memory maps.

#ifndef VALIDATOR_BASE_FILE_H_
#define VALIDATOR_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "validator/base/status.h"

namespace torchassay {

enum class FileKind { kMissing, kRegular, kDirectory, kOther };

// A file's bytes in memory, read only. They live as long as the object; moving it moves no bytes.
class FileBytes {
 public:
  virtual ~FileBytes() = default;
  virtual std::span<const std::byte> bytes() const = 0;
};

// What the rooms above ask of a disk. An implementation may be used by several threads at once.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // The kind of what lies at `path`, links followed.
  virtual FileKind Kind(const std::string& path) const = 0;
  // The path with every symbolic link followed, absolute. kNotFound where nothing is there.
  virtual Result<std::string> Resolve(const std::string& path) const = 0;
  // The whole content. Errors as for MappedFile::Open; an empty file is an empty string.
  virtual Result<std::string> Read(const std::string& path) const = 0;
  // The content, mapped where that is possible. Errors as for MappedFile::Open.
  virtual Result<std::unique_ptr<FileBytes>> Map(const std::string& path) const = 0;
};

// The disk of this machine.
class RealFileSystem final : public FileSystem {
 public:
  FileKind Kind(const std::string& path) const override;
  Result<std::string> Resolve(const std::string& path) const override;
  Result<std::string> Read(const std::string& path) const override;
  Result<std::unique_ptr<FileBytes>> Map(const std::string& path) const override;
};

// A file mapped into memory, read only. Moved, not copied.
class MappedFile final : public FileBytes {
 public:
  // Maps the whole file. Errors, each naming the path:
  //   kNotFound    "no such file `a.pt`"
  //   kUnreadable  "`a.pt` is a directory, a file was expected" · "`a.pt` is empty" ·
  //                "cannot read `a.pt`: permission denied" · "`a.pt` is no regular file"
  static Result<MappedFile> Open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() override;

  std::span<const std::byte> bytes() const override { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

// Replaces `path`, or what it leads to, by `content` through a temporary file beside it and a rename, so that a reader
// sees the old file or the whole new one. kUnreadable, naming the path and the reason, on failure.
Status WriteFileAtomically(const std::string& path, std::string_view content);

// `name` below the folder `directory`: one slash between them.
std::string JoinPath(const std::string& directory, const std::string& name);
// Tells whether a file was changed or replaced since: its device and number, size and time; "" where there is none.
std::string FileStamp(const std::string& path);
// `path` from the root on, without "." and ".." and the slash at its end; links are not followed.
std::string AbsolutePath(const std::string& path);
// What follows the last slash: the name that reports show.
std::string BaseName(const std::string& path);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_FILE_H_
