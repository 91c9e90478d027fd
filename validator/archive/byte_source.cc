#include "validator/archive/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

Status EndsEarly(std::uint64_t offset, std::uint64_t wanted, std::uint64_t size) {
  return Status(StatusCode::kUnreadable, "TA202",
                "the file ends at byte " + std::to_string(size) + ", but " + std::to_string(wanted) + " bytes at " +
                    std::to_string(offset) + " are needed",
                "copy or download the file again");
}

bool Within(std::uint64_t offset, std::uint64_t wanted, std::uint64_t size) {
  return offset <= size && wanted <= size - offset;
}

class FileSource final : public ByteSource {
 public:
  FileSource(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  ~FileSource() override { close(descriptor_); }

  std::uint64_t size() const override { return size_; }

  Status ReadAt(std::uint64_t offset, std::span<std::byte> buffer) const override {
    if (!Within(offset, buffer.size(), size_)) return EndsEarly(offset, buffer.size(), size_);
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t got =
          pread(descriptor_, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Status(StatusCode::kUnreadable, std::strerror(errno));
      if (got == 0) return EndsEarly(offset, buffer.size(), offset + done);  // it shrank meanwhile
      done += static_cast<std::size_t>(got);
    }
    return Status();
  }

 private:
  int descriptor_;
  std::uint64_t size_;
};

Status CannotOpen(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return Status(StatusCode::kNotFound, "no such file " + Quote(path));
  }
  return Status(StatusCode::kUnreadable, "cannot read " + Quote(path) + ": " + std::strerror(error));
}

Status NotAFile(const std::string& path, mode_t mode) {
  const char* kind = S_ISDIR(mode) ? " is a directory, a file was expected" : " is no regular file";
  return Status(StatusCode::kUnreadable, "TA201", Quote(path) + kind,
                S_ISDIR(mode) ? "name the `.pt` file in it, or a bundle, which holds a `manifest.json`" : "");
}

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenFileSource(const std::string& path) {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return CannotOpen(path, errno);
  struct stat info;
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(descriptor);
    return NotAFile(path, info.st_mode);
  }
  return std::unique_ptr<ByteSource>(
      std::make_unique<FileSource>(descriptor, static_cast<std::uint64_t>(info.st_size)));
}

Status MemorySource::ReadAt(std::uint64_t offset, std::span<std::byte> buffer) const {
  if (!Within(offset, buffer.size(), size())) return EndsEarly(offset, buffer.size(), size());
  if (!buffer.empty()) std::memcpy(buffer.data(), bytes_.data() + offset, buffer.size());
  return Status();
}

}  // namespace torchassay
