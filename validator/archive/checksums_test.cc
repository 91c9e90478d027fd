#include "validator/archive/checksums.h"

#include <catch2/catch.hpp>

#include "validator/archive/zip_builder.h"

namespace torchassay {
namespace {

ChecksumResult Verify(const std::string& file, int threads) {
  const MemorySource source(std::as_bytes(std::span(file)));
  const Result<std::vector<ZipEntry>> entries = ReadZipDirectory(source, {});
  REQUIRE(entries.ok());
  const Result<ChecksumResult> result = VerifyChecksums(source, *entries, threads);
  REQUIRE(result.ok());
  return *result;
}

TEST_CASE("one flipped bit in a record larger than a piece is found, by any number of threads") {
  ZipBuilder zip;
  zip.Add("m/small", "right");
  zip.Add("m/large", std::string((8 << 20) + 12345, 'w'));
  zip.Add("m/last", "right too");
  std::string file = zip.Build();
  for (const int threads : {1, 2, 5}) {
    CHECK(Verify(file, threads).mismatched.empty());
    CHECK(Verify(file, threads).checked == 3);
  }
  file[9 << 20 >> 1] ^= 1;
  for (const int threads : {1, 2, 5}) CHECK(Verify(file, threads).mismatched == std::vector<std::size_t>{1});
}

TEST_CASE("a zero checksum means that none was computed") {
  ZipBuilder zip;
  zip.Add("m/a", "data").crc = 0;
  zip.Add("m/empty", "");
  const ChecksumResult result = Verify(zip.Build(), 2);
  CHECK(result.unchecked == 1);
  CHECK(result.checked == 0);
  CHECK(result.mismatched.empty());
}

TEST_CASE("a compressed record that cannot be expanded counts as damaged") {
  ZipBuilder zip;
  zip.Add("m/a", "no deflate stream").method = 8;
  CHECK(Verify(zip.Build(), 1).mismatched == std::vector<std::size_t>{0});
}

}  // namespace
}  // namespace torchassay
