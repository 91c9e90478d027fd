#include "validator/archive/zip_directory.h"

#include <catch2/catch.hpp>

#include "validator/archive/zip_builder.h"

namespace torchassay {
namespace {

Result<std::vector<ZipEntry>> Read(const std::string& file, const ArchiveLimits& limits = {}) {
  return ReadZipDirectory(MemorySource(std::as_bytes(std::span(file))), limits);
}

std::string Message(const Result<std::vector<ZipEntry>>& entries) {
  return entries.ok() ? "ok" : entries.status().finding_code() + " " + entries.status().message();
}

TEST_CASE("a record's data lies behind its own header") {
  ZipBuilder zip;
  zip.Add("m/a", "first");
  zip.Add("m/b", "second");
  const std::string file = zip.Build();
  const Result<std::vector<ZipEntry>> entries = Read(file);
  REQUIRE(entries.ok());
  REQUIRE(entries->size() == 2);
  CHECK((*entries)[1].name == "m/b");
  CHECK(file.substr((*entries)[1].data_offset, (*entries)[1].size) == "second");
}

TEST_CASE("sizes and offsets of 64 bits are read where 32 do not do") {
  ZipBuilder zip;
  zip.Add("m/a", "first");
  zip.Add("m/b", "second");
  const std::string file = zip.Build64();
  const Result<std::vector<ZipEntry>> entries = Read(file);
  INFO(Message(entries));
  REQUIRE(entries.ok());
  REQUIRE(entries->size() == 2);
  CHECK(file.substr((*entries)[1].data_offset, (*entries)[1].size) == "second");
  for (std::size_t size = 0; size < file.size(); ++size) CHECK_FALSE(Read(file.substr(0, size)).ok());
}

TEST_CASE("folders are no records") {
  ZipBuilder zip;
  zip.Add("m/", "");
  CHECK(Read(zip.Build())->empty());
}

TEST_CASE("whatever its length, a file that is cut off is refused") {
  ZipBuilder zip;
  zip.Add("m/a", "first");
  const std::string file = zip.Build();
  for (std::size_t size = 0; size < file.size(); ++size) CHECK_FALSE(Read(file.substr(0, size)).ok());
  CHECK(Message(Read(file.substr(0, file.size() - 1))) ==
        "TA202 the file is cut off: the zip directory at its end is missing");
}

TEST_CASE("names that lead out of the archive are refused") {
  const std::pair<const char*, const char*> names[] = {
      {"/etc/passwd", "TA206 the record `/etc/passwd` has an absolute path"},
      {"m/../x", "TA206 the record `m/../x` climbs out of the archive with `..`"},
      {"m\\x", "TA206 the record `m\\x` has a backslash in its name"},
      {"m/\x1b[2J", "TA206 the record `m/\\x1b[2J` has a control character in its name"}};
  for (const auto& [name, message] : names) {
    ZipBuilder zip;
    zip.Add(name, "x");
    CHECK(Message(Read(zip.Build())) == message);
  }
}

TEST_CASE("two records of one name are refused") {
  ZipBuilder zip;
  zip.Add("m/a", "x");
  zip.Add("m/a", "y");
  CHECK(Message(Read(zip.Build())) == "TA202 two records are called `m/a`");
}

TEST_CASE("a local header that contradicts the directory is refused") {
  ZipBuilder renamed;
  renamed.Add("m/a", "x").local_name = "m/b";
  CHECK(Message(Read(renamed.Build())) == "TA202 the record `m/a` is called `m/b` in its own header");
}

TEST_CASE("records that overlap are refused") {
  ZipBuilder zip;
  zip.Add("m/a", std::string(100, 'x'));
  ZipBuilder inner;
  inner.Add("m/b", "y");
  const std::string second = inner.Build().substr(0, 34);
  ZipBuilder overlapping;
  overlapping.Add("m/a", second);
  overlapping.Add("m/b", "y").offset = 33;
  CHECK(Message(Read(overlapping.Build())) == "TA202 the records `m/a` and `m/b` overlap");
}

TEST_CASE("a method that LibTorch does not read is named") {
  ZipBuilder zip;
  zip.Add("m/a", "x").method = 93;
  CHECK(Message(Read(zip.Build())) ==
        "TA202 the record `m/a` is compressed by method 93, which LibTorch does not read");
}

TEST_CASE("compressed records may not expand without limit") {
  ZipBuilder zip;
  ZipBuilder::Record& bomb = zip.Add("m/a", "x");
  bomb.method = 8;
  bomb.size = 0xfffffff0;
  ArchiveLimits limits;
  limits.expanded_bytes = 1024;
  CHECK(Message(Read(zip.Build(), limits)) ==
        "TA205 the compressed records expand beyond 10.3 KiB, at `m/a`, from a file of 105 bytes");
}

TEST_CASE("more records than the limit are refused before they are read") {
  ZipBuilder zip;
  for (int i = 0; i < 5; ++i) zip.Add("m/" + std::to_string(i), "x");
  ArchiveLimits limits;
  limits.entries = 4;
  CHECK(Message(Read(zip.Build(), limits)) == "TA205 the zip directory names 5 records, the limit is 4");
}

}  // namespace
}  // namespace torchassay
