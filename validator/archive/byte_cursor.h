// ByteCursor: reads little-endian numbers and byte strings in order, and never past the end.

#ifndef VALIDATOR_ARCHIVE_BYTE_CURSOR_H_
#define VALIDATOR_ARCHIVE_BYTE_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace torchassay {

// After a read past the end every read gives zero or "", and ok() is false: check it once, at the end.
class ByteCursor final {
 public:
  explicit ByteCursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool done() const { return position_ == bytes_.size(); }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  std::uint8_t U8() { return static_cast<std::uint8_t>(Number(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Number(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Number(4)); }
  std::uint64_t U64() { return Number(8); }

  std::string_view Text(std::uint64_t size) {
    if (!Has(size)) return {};
    const char* text = reinterpret_cast<const char*>(bytes_.data() + position_);
    position_ += size;
    return {text, static_cast<std::size_t>(size)};
  }
  // Up to the next newline, which is consumed and not returned.
  std::string_view Line() {
    std::size_t end = position_;
    while (end < bytes_.size() && bytes_[end] != std::byte{'\n'}) ++end;
    if (end == bytes_.size()) {
      ok_ = false;
      position_ = end;
      return {};
    }
    std::string_view line = Text(end - position_);
    ++position_;
    return line;
  }
  void Skip(std::uint64_t size) { Text(size); }

 private:
  bool Has(std::uint64_t size) {
    if (size <= remaining()) return true;
    ok_ = false;
    position_ = bytes_.size();
    return false;
  }
  std::uint64_t Number(int size) {
    if (!Has(size)) return 0;
    std::uint64_t number = 0;
    for (int i = 0; i < size; ++i) {
      number |= std::to_integer<std::uint64_t>(bytes_[position_ + i]) << (8 * i);
    }
    position_ += size;
    return number;
  }

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_BYTE_CURSOR_H_
