#include "validator/base/fake_file_system.h"

#include "validator/base/strings.h"

namespace torchassay {
namespace {

class StringBytes final : public FileBytes {
 public:
  explicit StringBytes(std::string content) : content_(std::move(content)) {}
  std::span<const std::byte> bytes() const override { return std::as_bytes(std::span(content_)); }

 private:
  std::string content_;
};

bool LiesBelow(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

Status NoSuchFile(const std::string& path) { return Status(StatusCode::kNotFound, "no such file " + Quote(path)); }

}  // namespace

FileKind FakeFileSystem::Kind(const std::string& path) const {
  const Result<std::string> resolved = Resolve(path);
  if (!resolved.ok()) return FileKind::kMissing;
  return files_.contains(*resolved) ? FileKind::kRegular : FileKind::kDirectory;
}

Result<std::string> FakeFileSystem::Resolve(const std::string& path) const {
  std::string target = path;
  for (const auto& [link, destination] : links_) {
    if (path == link) target = destination;
    if (LiesBelow(path, link)) target = destination + path.substr(link.size());
  }
  if (files_.contains(target)) return target;
  for (const auto& [name, content] : files_) {
    if (LiesBelow(name, target)) return target;
  }
  return NoSuchFile(path);
}

Result<std::string> FakeFileSystem::Read(const std::string& path) const {
  const Result<std::string> resolved = Resolve(path);
  if (!resolved.ok()) return resolved.status();
  const auto found = files_.find(*resolved);
  if (found != files_.end()) return found->second;
  return Status(StatusCode::kUnreadable, Quote(path) + " is a directory, a file was expected");
}

Result<std::unique_ptr<FileBytes>> FakeFileSystem::Map(const std::string& path) const {
  Result<std::string> content = Read(path);
  if (!content.ok()) return content.status();
  if (content->empty()) return Status(StatusCode::kUnreadable, Quote(path) + " is empty");
  return std::unique_ptr<FileBytes>(std::make_unique<StringBytes>(*std::move(content)));
}

}  // namespace torchassay
