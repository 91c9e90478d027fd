#include "validator/archive/container.h"

#include <optional>
#include <utility>

#include "validator/archive/file_kind.h"
#include "validator/archive/zip_reader.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

Status Foreign(const std::string& name, const FileKind& kind) {
  return Status(StatusCode::kUnreadable, "TA201", Quote(name) + " is " + kind.what, kind.help);
}

Status Damaged(std::string message) {
  return Status(StatusCode::kUnreadable, "TA202", std::move(message),
                "copy or download the file again, or save the model again");
}

// LibTorch takes the folder of the first record as that of all.
std::string RootFolder(const std::vector<ZipEntry>& entries) {
  if (entries.empty()) return "";
  const std::string& first = entries.front().name;
  const std::size_t slash = first.find('/');
  return slash == std::string::npos ? "" : first.substr(0, slash);
}

}  // namespace

Result<Container> Container::Open(const ByteSource& source, const std::string& name, const ArchiveLimits& limits) {
  if (!StartsLikeZip(source) && !EndsLikeZip(source)) {
    return Foreign(name, ForeignFileKind(source, limits));
  }
  Container container(source, limits);
  Result<std::vector<ZipEntry>> entries = ReadZipDirectory(source, limits);
  if (!entries.ok()) return entries.status().WithContext(Quote(name));
  container.entries_ = std::move(*entries);
  container.root_ = RootFolder(container.entries_);
  if (std::optional<FileKind> kind = ForeignZipKind(source, container.entries_, container.root_, limits)) {
    return Foreign(name, *kind);
  }
  if (Status status = container.Index(); !status.ok()) return status.WithContext(Quote(name));
  return container;
}

Status Container::Index() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!root_.empty() && !entries_[i].name.starts_with(root_ + "/")) {
      return Damaged("the record " + Quote(entries_[i].name) + " lies outside the folder " + Quote(root_));
    }
    by_name_.emplace(RelativeName(entries_[i]), i);
  }
  if (Find("data.pkl") == nullptr) return Damaged("the TorchScript archive lacks its `data.pkl`");
  return Status();
}

std::string_view Container::RelativeName(const ZipEntry& entry) const {
  std::string_view name = entry.name;
  if (!root_.empty()) name.remove_prefix(root_.size() + 1);
  return name;
}

const ZipEntry* Container::Find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

Result<std::string> Container::Read(std::string_view name, std::uint64_t limit) const {
  const ZipEntry* entry = Find(name);
  if (entry == nullptr) return Damaged("the archive lacks the record " + Quote(name));
  return ReadRecord(*source_, *entry, limit);
}

}  // namespace torchassay
