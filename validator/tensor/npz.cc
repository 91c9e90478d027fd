#include "validator/tensor/npz.h"

#include <zip.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <set>

#include "validator/base/machine.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

// Deflate packs at most about 1032 : 1; a member that claims more lies about its size.
constexpr std::uint64_t kBestPacking = 1040;

Status Malformed(const std::string& message) { return Status(StatusCode::kUnreadable, "TA215", message); }

struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

std::string ErrorText(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

// The archive reads `bytes` as long as it lives.
Result<Archive> OpenArchive(std::span<const std::byte> bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  const std::string reason = archive == nullptr ? ErrorText(error) : "";
  zip_error_fini(&error);
  if (archive != nullptr) return Archive(archive);
  if (source != nullptr) zip_source_free(source);
  return Malformed("the zip archive cannot be read: " + reason);
}

Result<zip_stat_t> Describe(zip_t* archive, zip_int64_t index) {
  zip_stat_t info;
  zip_stat_init(&info);
  if (zip_stat_index(archive, static_cast<zip_uint64_t>(index), 0, &info) == 0) return info;
  return Malformed("the zip archive cannot be read: " + ErrorText(*zip_get_error(archive)));
}

// All members are unpacked at once, and a small file may claim gigabytes.
Status CheckRoom(zip_t* archive) {
  const auto room = static_cast<std::uint64_t>(AvailableMemory());
  std::uint64_t total = 0;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    const Result<zip_stat_t> info = Describe(archive, i);
    if (!info.ok()) return info.status();
    if (__builtin_add_overflow(total, info->size, &total)) total = UINT64_MAX;
  }
  if (total <= room) return Status();
  return Malformed("its members claim " + BytesText(total) + ", and there are " + BytesText(room) + " of memory");
}

Result<std::vector<std::byte>> Unpack(zip_t* archive, const zip_stat_t& info) {
  const std::string name = Quote(info.name);
  if (info.size > info.comp_size * kBestPacking) {
    return Malformed("member " + name + " claims " + BytesText(info.size) + " out of " + BytesText(info.comp_size));
  }
  const std::unique_ptr<zip_file_t, CloseMember> member(zip_fopen_index(archive, info.index, 0));
  if (member == nullptr) return Malformed("member " + name + ": " + ErrorText(*zip_get_error(archive)));
  std::vector<std::byte> content(info.size);
  std::size_t filled = 0;
  while (filled < content.size()) {
    const zip_int64_t got = zip_fread(member.get(), content.data() + filled, content.size() - filled);
    if (got < 0) return Malformed("member " + name + ": " + ErrorText(*zip_file_get_error(member.get())));
    if (got == 0) return Malformed("member " + name + " ends after " + BytesText(filled));
    filled += static_cast<std::size_t>(got);
  }
  // The checksum is compared where the member ends, which a read of what is left reaches.
  std::byte beyond;
  if (zip_fread(member.get(), &beyond, 1) == 0) return content;
  return Malformed("member " + name + " does not match its checksum or size");
}

}  // namespace

bool LooksLikeZip(std::span<const std::byte> bytes) {
  return bytes.size() >= 4 && std::memcmp(bytes.data(), "PK", 2) == 0;
}

Result<std::vector<NpzMember>> UnpackNpz(std::span<const std::byte> bytes) {
  Result<Archive> archive = OpenArchive(bytes);
  if (!archive.ok()) return archive.status();
  if (Status status = CheckRoom(archive->get()); !status.ok()) return status;
  std::vector<NpzMember> members;
  std::set<std::string> names;
  const zip_int64_t count = zip_get_num_entries(archive->get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const Result<zip_stat_t> info = Describe(archive->get(), i);
    if (!info.ok()) return info.status();
    std::string name = info->name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    if (!names.insert(name).second) return Malformed("two members are named " + Quote(name));
    Result<std::vector<std::byte>> content = Unpack(archive->get(), *info);
    if (!content.ok()) return content.status();
    members.push_back({std::move(name), *std::move(content)});
  }
  return members;
}

}  // namespace torchassay
