// FakeFileSystem: files in memory, for tests.

#ifndef VALIDATOR_BASE_FAKE_FILE_SYSTEM_H_
#define VALIDATOR_BASE_FAKE_FILE_SYSTEM_H_

#include <map>
#include <memory>
#include <string>

#include "validator/base/file.h"

namespace torchassay {

// Paths are plain keys; a folder exists where some path lies below it.
class FakeFileSystem final : public FileSystem {
 public:
  void Add(const std::string& path, std::string content) { files_[path] = std::move(content); }
  // Makes `path`, or all that lies below it, stand for the same below `target`.
  void AddLink(const std::string& path, std::string target) { links_[path] = std::move(target); }

  FileKind Kind(const std::string& path) const override;
  Result<std::string> Resolve(const std::string& path) const override;
  Result<std::string> Read(const std::string& path) const override;
  Result<std::unique_ptr<FileBytes>> Map(const std::string& path) const override;

 private:
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> links_;
};

}  // namespace torchassay

#endif  // VALIDATOR_BASE_FAKE_FILE_SYSTEM_H_
