#include "validator/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

// A file descriptor that closes itself.
class Descriptor final {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }

  int number() const { return number_; }

 private:
  int number_;
};

// "permission denied": the system's words, in the case that our messages have.
std::string ErrnoText(int error) {
  std::string text = std::strerror(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

Status OpenError(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return Status(StatusCode::kNotFound, "no such file " + Quote(path));
  }
  return Status(StatusCode::kUnreadable, "cannot read " + Quote(path) + ": " + ErrnoText(error));
}

// OK for a regular file; `size` is its length.
Status CheckRegular(const std::string& path, const struct stat& info) {
  if (S_ISDIR(info.st_mode)) {
    return Status(StatusCode::kUnreadable, Quote(path) + " is a directory, a file was expected");
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(StatusCode::kUnreadable, Quote(path) + " is no regular file");
  }
  return Status();
}

// The size of the regular file behind `file`.
Result<std::size_t> RegularSize(const Descriptor& file, const std::string& path) {
  if (file.number() < 0) return OpenError(path, errno);
  struct stat info = {};
  if (fstat(file.number(), &info) != 0) return OpenError(path, errno);
  if (Status status = CheckRegular(path, info); !status.ok()) return status;
  return static_cast<std::size_t>(info.st_size);
}

// O_NONBLOCK keeps a named pipe without a writer from blocking the open; it means nothing to a regular file.
int OpenForReading(const std::string& path) { return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }

Status WriteAll(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Status(StatusCode::kUnreadable, ErrnoText(errno));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return Status();
}

Status WriteTemporary(std::string& name, std::string_view content) {
  const Descriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (file.number() < 0) return Status(StatusCode::kUnreadable, ErrnoText(errno));
  // mkostemp makes private files; the result should be as readable as any other new file.
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(file.number(), 0666 & ~mask);
  return WriteAll(file.number(), content);
}

Status Replace(const std::string& path, std::string_view content) {
  // A name of its own: that of the file, made longer, may be longer than names can be.
  std::string temporary = (std::filesystem::path(path).parent_path() / ".torchassay-XXXXXX").string();
  Status status = WriteTemporary(temporary, content);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = Status(StatusCode::kUnreadable, ErrnoText(errno));
  }
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

// What a link leads to, be it there or not: a link that is written to stays one.
Result<std::string> LinkedFrom(const std::string& path) {
  constexpr int kMostLinks = 40;  // as Linux follows
  std::filesystem::path end = path;
  std::error_code error;
  for (int i = 0; std::filesystem::is_symlink(end, error); ++i) {
    if (i == kMostLinks) return Status(StatusCode::kUnreadable, ErrnoText(ELOOP));
    end = end.parent_path() / std::filesystem::read_symlink(end, error);  // an absolute target replaces the folder
  }
  return end.string();
}

// A device or a pipe is written to: it must not become a file.
Status WriteThrough(const std::string& path, std::string_view content) {
  // Nobody may be reading: that is an error at once, and no reason to wait.
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0 || fcntl(file.number(), F_SETFL, O_WRONLY) != 0) {
    return Status(StatusCode::kUnreadable, ErrnoText(errno));
  }
  return WriteAll(file.number(), content);
}

}  // namespace

FileKind RealFileSystem::Kind(const std::string& path) const {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return FileKind::kMissing;
  if (S_ISDIR(info.st_mode)) return FileKind::kDirectory;
  return S_ISREG(info.st_mode) ? FileKind::kRegular : FileKind::kOther;
}

Result<std::string> RealFileSystem::Resolve(const std::string& path) const {
  char* resolved = realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return OpenError(path, errno);
  std::string text = resolved;
  std::free(resolved);
  return text;
}

Result<std::string> RealFileSystem::Read(const std::string& path) const {
  const Descriptor file(OpenForReading(path));
  Result<std::size_t> size = RegularSize(file, path);
  if (!size.ok()) return size.status();
  std::string content(*size, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = read(file.number(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return OpenError(path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

Result<std::unique_ptr<FileBytes>> RealFileSystem::Map(const std::string& path) const {
  Result<MappedFile> file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  return std::unique_ptr<FileBytes>(std::make_unique<MappedFile>(*std::move(file)));
}

Result<MappedFile> MappedFile::Open(const std::string& path) {
  const Descriptor file(OpenForReading(path));
  Result<std::size_t> size = RegularSize(file, path);
  if (!size.ok()) return size.status();
  if (*size == 0) return Status(StatusCode::kUnreadable, Quote(path) + " is empty");
  void* start = mmap(nullptr, *size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) return OpenError(path, errno);
  return MappedFile(std::span(static_cast<const std::byte*>(start), *size));
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

Status WriteFileAtomically(const std::string& path, std::string_view content) {
  const RealFileSystem files;
  Status status;
  if (files.Kind(path) == FileKind::kOther) {
    status = WriteThrough(path, content);
  } else {
    const Result<std::string> target = LinkedFrom(path);
    status = target.ok() ? Replace(*target, content) : target.status();
  }
  return status.ok() ? status : status.WithContext("cannot write " + Quote(path));
}

std::string JoinPath(const std::string& directory, const std::string& name) {
  if (directory.empty()) return name;
  return directory.back() == '/' ? directory + name : directory + "/" + name;
}

std::string FileStamp(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return "";
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" + std::to_string(info.st_size) + ":" +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::string from_root = std::filesystem::absolute(path, error).lexically_normal().string();
  if (error) return path;
  return from_root.size() > 1 && from_root.ends_with('/') ? from_root.substr(0, from_root.size() - 1) : from_root;
}

std::string BaseName(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path;
  const std::size_t slash = path.find_last_of('/', end);
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(start, end + 1 - start);
}

}  // namespace torchassay
