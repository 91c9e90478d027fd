#include "validator/archive/zip_directory.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "validator/archive/byte_cursor.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64Locator = 0x07064b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kLocatorSize = 20;
constexpr std::uint64_t kEnd64Size = 56;
constexpr std::uint64_t kLocalHeaderSize = 30;
constexpr std::uint64_t kCentralHeaderSize = 46;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kSizesFollowData = 8;
constexpr std::uint32_t kIn64 = 0xffffffffu;

Status Damaged(std::string message) {
  return Status(StatusCode::kUnreadable, "TA202", std::move(message),
                "copy or download the file again, or save the model again");
}

Status BeyondLimit(std::string message) {
  return Status(StatusCode::kUnreadable, "TA205", std::move(message),
                "no model needs this: the file is damaged or hostile");
}

// Where the directory lies and how many entries it holds.
struct DirectoryPlace {
  std::uint64_t entries = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  std::uint64_t end = 0;  // where the end records begin
};

Result<std::vector<std::byte>> ReadBytes(const ByteSource& source, std::uint64_t offset, std::uint64_t size) {
  if (offset > source.size() || size > source.size() - offset) {
    return Damaged("the zip directory points beyond the end of the file");
  }
  std::vector<std::byte> bytes(size);
  if (Status status = source.ReadAt(offset, bytes); !status.ok()) return status;
  return bytes;
}

// The offset of the end record: the last one whose comment reaches exactly to the file's end.
Result<std::uint64_t> FindEnd(const ByteSource& source) {
  const std::uint64_t tail_size = std::min<std::uint64_t>(source.size(), kEndSize + 0xffff);
  Result<std::vector<std::byte>> tail = ReadBytes(source, source.size() - tail_size, tail_size);
  if (!tail.ok()) return tail.status();
  const std::span<const std::byte> bytes = *tail;
  for (std::int64_t at = static_cast<std::int64_t>(tail_size - kEndSize); at >= 0; --at) {
    ByteCursor cursor(bytes.subspan(at));
    if (cursor.U32() != kEnd) continue;
    cursor.Skip(16);
    if (at + kEndSize + cursor.U16() == tail_size) return source.size() - tail_size + at;
  }
  return Damaged("the file is cut off: the zip directory at its end is missing");
}

// The 64-bit numbers, where a locator stands before the end record.
Result<std::optional<DirectoryPlace>> ReadEnd64(const ByteSource& source, std::uint64_t end) {
  if (end < kLocatorSize) return std::optional<DirectoryPlace>();
  Result<std::vector<std::byte>> locator = ReadBytes(source, end - kLocatorSize, kLocatorSize);
  if (!locator.ok()) return locator.status();
  ByteCursor at(*locator);
  if (at.U32() != kEnd64Locator) return std::optional<DirectoryPlace>();
  at.Skip(4);
  const std::uint64_t offset = at.U64();
  Result<std::vector<std::byte>> record = ReadBytes(source, offset, kEnd64Size);
  if (!record.ok()) return record.status();
  ByteCursor cursor(*record);
  if (cursor.U32() != kEnd64) return Damaged("the zip64 end record is not where it should be");
  cursor.Skip(8 + 2 + 2 + 4 + 4 + 8);
  DirectoryPlace place;
  place.entries = cursor.U64();
  place.size = cursor.U64();
  place.offset = cursor.U64();
  place.end = offset;
  return std::optional<DirectoryPlace>(place);
}

Result<DirectoryPlace> FindDirectory(const ByteSource& source) {
  if (source.size() < kEndSize) return Damaged("the file is cut off: it is too short for a zip");
  const Result<std::uint64_t> end = FindEnd(source);
  if (!end.ok()) return end.status();
  Result<std::optional<DirectoryPlace>> wide = ReadEnd64(source, *end);
  if (!wide.ok()) return wide.status();
  if (wide->has_value()) return **wide;

  Result<std::vector<std::byte>> record = ReadBytes(source, *end, kEndSize);
  if (!record.ok()) return record.status();
  ByteCursor cursor(*record);
  cursor.Skip(4);
  const std::uint16_t disk = cursor.U16();
  const std::uint16_t directory_disk = cursor.U16();
  const std::uint16_t entries_here = cursor.U16();
  DirectoryPlace place;
  place.entries = cursor.U16();
  place.size = cursor.U32();
  place.offset = cursor.U32();
  place.end = *end;
  if (disk != 0 || directory_disk != 0 || entries_here != place.entries) {
    return Damaged("the zip is split over several files");
  }
  return place;
}

Status CheckPlace(const DirectoryPlace& place, const ByteSource& source, const ArchiveLimits& limits) {
  if (place.offset > source.size() || place.size > source.size() - place.offset ||
      place.offset + place.size > place.end) {
    return Damaged("the zip directory points beyond the end of the file");
  }
  if (place.entries > limits.entries || place.size > limits.directory_bytes) {
    return BeyondLimit("the zip directory names " + std::to_string(place.entries) + " records, the limit is " +
                       std::to_string(limits.entries));
  }
  if (place.entries > place.size / kCentralHeaderSize) {
    return Damaged("the zip directory names " + std::to_string(place.entries) + " records, but has room for fewer");
  }
  return Status();
}

// Takes the numbers that did not fit into 32 bits from the entry's extra field, in their fixed order.
bool ReadZip64Extra(std::string_view extra, std::initializer_list<std::uint64_t*> wide) {
  ByteCursor cursor(std::as_bytes(std::span(extra)));
  while (cursor.remaining() >= 4) {
    const std::uint16_t tag = cursor.U16();
    const std::uint16_t size = cursor.U16();
    const std::string_view body = cursor.Text(size);
    if (tag != kZip64Extra) continue;
    ByteCursor numbers(std::as_bytes(std::span(body)));
    for (std::uint64_t* number : wide) {
      if (*number == kIn64) *number = numbers.U64();
    }
    return numbers.ok();
  }
  for (const std::uint64_t* number : wide) {
    if (*number == kIn64) return false;
  }
  return true;
}

Status CheckName(std::string_view name) {
  const auto refuse = [&](const char* why) {
    return Status(StatusCode::kRefused, "TA206", "the record " + Quote(name) + " " + why,
                  "the file is hostile or was not written by PyTorch");
  };
  if (name.empty()) return refuse("has no name");
  if (name.front() == '/') return refuse("has an absolute path");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return refuse("has a control character in its name");
    if (c == '\\') return refuse("has a backslash in its name");
  }
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    if (name.substr(start, end - start) == "..") return refuse("climbs out of the archive with `..`");
    start = end + 1;
  }
  return Status();
}

Status CheckMethod(const ZipEntry& entry, std::uint16_t flags, std::uint16_t method) {
  if (flags & kEncrypted) return Damaged("the record " + Quote(entry.name) + " is encrypted");
  if (method != 0 && method != 8) {
    return Damaged("the record " + Quote(entry.name) + " is compressed by method " + std::to_string(method) +
                   ", which LibTorch does not read");
  }
  if (method == 0 && entry.stored_size != entry.size) {
    return Damaged("the record " + Quote(entry.name) + " is stored as it is, but with two sizes");
  }
  return Status();
}

Result<ZipEntry> ReadEntry(ByteCursor& cursor) {
  if (cursor.U32() != kCentralHeader) return Damaged("the zip directory is damaged");
  cursor.Skip(4);
  const std::uint16_t flags = cursor.U16();
  const std::uint16_t method = cursor.U16();
  cursor.Skip(4);
  ZipEntry entry;
  entry.compressed = method == 8;
  entry.crc = cursor.U32();
  entry.stored_size = cursor.U32();
  entry.size = cursor.U32();
  const std::uint16_t name_size = cursor.U16();
  const std::uint16_t extra_size = cursor.U16();
  const std::uint16_t comment_size = cursor.U16();
  cursor.Skip(8);
  entry.header_offset = cursor.U32();
  entry.name = cursor.Text(name_size);
  const std::string_view extra = cursor.Text(extra_size);
  cursor.Skip(comment_size);
  if (!cursor.ok()) return Damaged("the zip directory is cut off");
  if (!ReadZip64Extra(extra, {&entry.size, &entry.stored_size, &entry.header_offset})) {
    return Damaged("the 64-bit sizes of the record " + Quote(entry.name) + " are missing");
  }
  if (Status status = CheckName(entry.name); !status.ok()) return status;
  if (Status status = CheckMethod(entry, flags, method); !status.ok()) return status;
  return entry;
}

// Finds the data behind the local header and compares what both headers say.
Status Locate(const ByteSource& source, std::uint64_t directory, ZipEntry& entry) {
  const auto contradicts = [&](const std::string& what) {
    return Damaged("the record " + Quote(entry.name) + " " + what);
  };
  if (entry.header_offset > directory || directory - entry.header_offset < kLocalHeaderSize) {
    return contradicts("begins beyond the end of the data");
  }
  std::byte header[kLocalHeaderSize];
  if (Status status = source.ReadAt(entry.header_offset, header); !status.ok()) return status;
  ByteCursor cursor(header);
  if (cursor.U32() != kLocalHeader) return contradicts("has no header where the directory says");
  cursor.Skip(2);
  const std::uint16_t flags = cursor.U16();
  const std::uint16_t method = cursor.U16();
  cursor.Skip(4);
  const std::uint32_t crc = cursor.U32();
  cursor.Skip(8);
  const std::uint16_t name_size = cursor.U16();
  const std::uint16_t extra_size = cursor.U16();
  entry.data_offset = entry.header_offset + kLocalHeaderSize + name_size + extra_size;
  if (entry.data_offset > directory || entry.stored_size > directory - entry.data_offset) {
    return contradicts("reaches beyond the end of the data");
  }
  std::string name(name_size, '\0');
  if (Status status = source.ReadAt(entry.header_offset + kLocalHeaderSize, std::as_writable_bytes(std::span(name)));
      !status.ok()) {
    return status;
  }
  if (name != entry.name) return contradicts("is called " + Quote(name) + " in its own header");
  if ((method == 8) != entry.compressed) return contradicts("has two compression methods");
  if (!(flags & kSizesFollowData) && crc != entry.crc) return contradicts("has two checksums");
  return Status();
}

Status CheckNoRepeats(const std::vector<ZipEntry>& entries) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const ZipEntry& entry : entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return Status();
  return Damaged("two records are called " + Quote(*twice));
}

Status CheckNoOverlap(const std::vector<ZipEntry>& entries) {
  std::vector<const ZipEntry*> order;
  order.reserve(entries.size());
  for (const ZipEntry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const ZipEntry* a, const ZipEntry* b) { return a->header_offset < b->header_offset; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (order[i - 1]->data_offset + order[i - 1]->stored_size > order[i]->header_offset) {
      return Damaged("the records " + Quote(order[i - 1]->name) + " and " + Quote(order[i]->name) + " overlap");
    }
  }
  return Status();
}

Status CheckExpansion(const std::vector<ZipEntry>& entries, std::uint64_t file_size, const ArchiveLimits& limits) {
  std::uint64_t expanded = 0;
  const std::uint64_t most = std::max(limits.expanded_bytes, limits.expansion_ratio * file_size);
  for (const ZipEntry& entry : entries) {
    if (!entry.compressed) continue;
    if (entry.size > most || (expanded += entry.size) > most) {
      return BeyondLimit("the compressed records expand beyond " + BytesText(most) + ", at " + Quote(entry.name) +
                         ", from a file of " + BytesText(file_size));
    }
  }
  return Status();
}

}  // namespace

bool StartsLikeZip(const ByteSource& source) {
  std::byte magic[4];
  if (source.size() < sizeof(magic) || !source.ReadAt(0, magic).ok()) return false;
  return ByteCursor(magic).U32() == kLocalHeader;
}

bool EndsLikeZip(const ByteSource& source) { return source.size() >= kEndSize && FindEnd(source).ok(); }

Result<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source, const ArchiveLimits& limits) {
  const Result<DirectoryPlace> place = FindDirectory(source);
  if (!place.ok()) return place.status();
  if (Status status = CheckPlace(*place, source, limits); !status.ok()) return status;
  const Result<std::vector<std::byte>> bytes = ReadBytes(source, place->offset, place->size);
  if (!bytes.ok()) return bytes.status();

  ByteCursor cursor(*bytes);
  std::vector<ZipEntry> entries;
  entries.reserve(place->entries);
  for (std::uint64_t i = 0; i < place->entries; ++i) {
    Result<ZipEntry> entry = ReadEntry(cursor);
    if (!entry.ok()) return entry.status();
    if (Status status = Locate(source, place->offset, *entry); !status.ok()) return status;
    const bool folder = entry->name.back() == '/' && entry->size == 0;
    if (!folder) entries.push_back(std::move(*entry));
  }
  if (!cursor.done()) return Damaged("the zip directory holds more than the records it counts");
  if (Status status = CheckNoRepeats(entries); !status.ok()) return status;
  if (Status status = CheckNoOverlap(entries); !status.ok()) return status;
  if (Status status = CheckExpansion(entries, source.size(), limits); !status.ok()) return status;
  return entries;
}

}  // namespace torchassay
