// ZipBuilder: a zip file in memory, right or wrong in one chosen way; for tests.

#ifndef VALIDATOR_ARCHIVE_ZIP_BUILDER_H_
#define VALIDATOR_ARCHIVE_ZIP_BUILDER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validator/archive/crc32.h"

namespace torchassay {

//   ZipBuilder zip;
//   zip.Add("m/data.pkl", bytes);
//   const std::string file = zip.Build();
class ZipBuilder final {
 public:
  struct Record {
    std::string name;        // in the directory
    std::string local_name;  // in its own header
    std::string data;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint32_t size = 0;  // declared
    std::uint32_t offset = 0;
  };

  // The record can be spoilt before Build.
  Record& Add(const std::string& name, const std::string& data) {
    Record record{name, name, data, 0, 0, static_cast<std::uint32_t>(data.size()), 0};
    record.crc = Crc32(std::as_bytes(std::span(data)));
    records_.push_back(record);
    return records_.back();
  }

  // The same content as zip64, as if its sizes and offsets needed 64 bits.
  std::string Build64() const {
    std::string file;
    std::string directory;
    for (const Record& record : records_) {
      const std::uint64_t offset = file.size();
      AppendLocal(record, file);
      AppendCentral64(record, offset, directory);
    }
    const std::uint64_t at = file.size();
    file += directory;
    const std::uint64_t end = file.size();
    Append(file, 0x06064b50, 4);
    Append(file, 44, 8);
    Append(file, 0, 12);
    Append(file, records_.size(), 8);
    Append(file, records_.size(), 8);
    Append(file, directory.size(), 8);
    Append(file, at, 8);
    Append(file, 0x07064b50, 4);
    Append(file, 0, 4);
    Append(file, end, 8);
    Append(file, 1, 4);
    Append(file, 0x06054b50, 4);
    Append(file, 0, 4);
    Append(file, 0xffff, 2);
    Append(file, 0xffff, 2);
    Append(file, 0xffffffff, 4);
    Append(file, 0xffffffff, 4);
    Append(file, 0, 2);
    return file;
  }

  std::string Build() const {
    std::string file;
    std::string directory;
    for (Record record : records_) {
      if (record.offset == 0) record.offset = static_cast<std::uint32_t>(file.size());
      AppendLocal(record, file);
      AppendCentral(record, directory);
    }
    const std::uint32_t at = static_cast<std::uint32_t>(file.size());
    file += directory;
    Append(file, 0x06054b50, 4);
    Append(file, 0, 4);
    Append(file, records_.size(), 2);
    Append(file, records_.size(), 2);
    Append(file, directory.size(), 4);
    Append(file, at, 4);
    Append(file, 0, 2);
    return file;
  }

 private:
  static void Append(std::string& out, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out += i < 8 ? static_cast<char>(value >> (8 * i)) : '\0';
  }

  static void AppendLocal(const Record& record, std::string& out) {
    Append(out, 0x04034b50, 4);
    Append(out, 20, 2);
    Append(out, 0, 2);
    Append(out, record.method, 2);
    Append(out, 0, 4);
    Append(out, record.crc, 4);
    Append(out, record.data.size(), 4);
    Append(out, record.size, 4);
    Append(out, record.local_name.size(), 2);
    Append(out, 0, 2);
    out += record.local_name + record.data;
  }

  static void AppendCentral(const Record& record, std::string& out) {
    Append(out, 0x02014b50, 4);
    Append(out, 20, 2);
    Append(out, 20, 2);
    Append(out, 0, 2);
    Append(out, record.method, 2);
    Append(out, 0, 4);
    Append(out, record.crc, 4);
    Append(out, record.data.size(), 4);
    Append(out, record.size, 4);
    Append(out, record.name.size(), 2);
    for (const int size : {2, 2, 2, 2, 4}) Append(out, 0, size);
    Append(out, record.offset, 4);
    out += record.name;
  }

  static void AppendCentral64(const Record& record, std::uint64_t offset, std::string& out) {
    Append(out, 0x02014b50, 4);
    for (const int size : {2, 2, 2}) Append(out, 0, size);
    Append(out, record.method, 2);
    Append(out, 0, 4);
    Append(out, record.crc, 4);
    Append(out, 0xffffffff, 4);
    Append(out, 0xffffffff, 4);
    Append(out, record.name.size(), 2);
    Append(out, 28, 2);
    for (const int size : {2, 2, 2, 4}) Append(out, 0, size);
    Append(out, 0xffffffff, 4);
    out += record.name;
    Append(out, 1, 2);
    Append(out, 24, 2);
    Append(out, record.size, 8);
    Append(out, record.data.size(), 8);
    Append(out, offset, 8);
  }

  std::vector<Record> records_;
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_ZIP_BUILDER_H_
