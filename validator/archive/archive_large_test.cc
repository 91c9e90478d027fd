// Archives beyond 4 GiB: a file with holes, so that next to nothing is written or read.

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "validator/archive/archive.h"
#include "validator/archive/module_bytes.h"

namespace torchassay {
namespace {

constexpr std::int32_t kElements = 1'200'000'000;  // 4.8 GB of f32

void Append(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
}

// A zip64 whose records end in holes. None has a checksum: zero means that none was computed.
class HoledZip final {
 public:
  explicit HoledZip(const std::string& path) : descriptor_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600)) {
    REQUIRE(descriptor_ >= 0);
  }
  ~HoledZip() { close(descriptor_); }

  void Add(const std::string& name, const std::string& data, std::uint64_t size) {
    const std::uint64_t offset = at_;
    Write(Header(0x04034b50, name, 20) + name + Wide({size, size}) + data);
    at_ += size - data.size();
    directory_ += Header(0x02014b50, name, 28) + name + Wide({size, size, offset});
    ++records_;
  }
  void Add(const std::string& name, const std::string& data) { Add(name, data, data.size()); }

  void Finish() {
    const std::uint64_t directory = at_;
    Write(directory_);
    std::string end;
    const std::uint64_t end64 = at_;
    Append(end, 0x06064b50, 4);
    Append(end, 44, 8);
    for (int i = 0; i < 3; ++i) Append(end, 0, 4);
    for (const std::uint64_t number : {records_, records_, directory_.size(), directory}) Append(end, number, 8);
    Append(end, 0x07064b50, 4);
    Append(end, 0, 4);
    Append(end, end64, 8);
    Append(end, 1, 4);
    Append(end, 0x06054b50, 4);
    Append(end, 0, 4);
    for (int i = 0; i < 2; ++i) Append(end, 0xffff, 2);
    for (int i = 0; i < 2; ++i) Append(end, 0xffffffff, 4);
    Append(end, 0, 2);
    Write(end);
  }

 private:
  // What the directory's and a record's own header have in common, and the directory's more.
  static std::string Header(std::uint32_t magic, const std::string& name, int extra) {
    const bool central = magic == 0x02014b50;
    std::string header;
    Append(header, magic, 4);
    if (central) Append(header, 45, 2);
    Append(header, 45, 2);
    for (int i = 0; i < 4; ++i) Append(header, 0, 2);  // flags, method, time, date
    Append(header, 0, 4);                              // no checksum
    for (int i = 0; i < 2; ++i) Append(header, 0xffffffff, 4);
    Append(header, name.size(), 2);
    Append(header, static_cast<std::uint64_t>(extra), 2);
    if (!central) return header;
    for (const int size : {2, 2, 2, 4}) Append(header, 0, size);
    Append(header, 0xffffffff, 4);
    return header;
  }

  static std::string Wide(const std::vector<std::uint64_t>& numbers) {
    std::string extra;
    Append(extra, 1, 2);
    Append(extra, 8 * numbers.size(), 2);
    for (const std::uint64_t number : numbers) Append(extra, number, 8);
    return extra;
  }

  void Write(const std::string& bytes) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at_));
    REQUIRE(written == static_cast<ssize_t>(bytes.size()));
    at_ += bytes.size();
  }

  int descriptor_;
  std::uint64_t at_ = 0;
  std::uint64_t records_ = 0;
  std::string directory_;
};

// The weights lie first, so that all other records begin beyond 4 GiB.
std::string WriteLarge() {
  const std::string path = "archive_large_test.pt";
  HoledZip zip(path);
  zip.Add("m/data/0", std::string("\0\0\x80\x3f", 4), 4ull * kElements);
  zip.Add("m/version", "3\n");
  zip.Add("m/code/__torch__.py", ModuleCode(3));
  zip.Add("m/data.pkl", ModulePickle(kElements));
  zip.Finish();
  return path;
}

TEST_CASE("an archive beyond 4 GiB is read like a small one, and in next to no time") {
  const std::string path = WriteLarge();
  const Result<ArchiveSummary> archive = ReadArchive(path, {});
  INFO(archive.status().ToString());
  REQUIRE(archive.ok());
  CHECK(archive->file_bytes > 4ull * kElements);
  REQUIRE(archive->tensors.size() == 1);
  CHECK(archive->tensors[0].tensor.Describe() == "f32[1200000000]");
  CHECK(archive->tensors[0].tensor.bytes() == 4ll * kElements);
  CHECK(archive->records[0].bytes == 4ull * kElements);
  CHECK(archive->unchecked_records == 4);
  CHECK(archive->FindMethod("forward") != nullptr);
  std::remove(path.c_str());
}

TEST_CASE("one that is cut off beyond 4 GiB is refused") {
  const std::string path = WriteLarge();
  REQUIRE(truncate(path.c_str(), static_cast<off_t>(4ull * kElements + 100)) == 0);
  const Status status = ReadArchive(path, {}).status();
  CHECK(status.finding_code() == "TA202");
  CHECK(status.message() == "`archive_large_test.pt`: the file is cut off: the zip directory at its end is missing");
  std::remove(path.c_str());
}

}  // namespace
}  // namespace torchassay
