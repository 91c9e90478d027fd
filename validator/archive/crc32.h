// CRC-32 of zip files at memory speed, and its combination, so that threads can share one record.

#ifndef VALIDATOR_ARCHIVE_CRC32_H_
#define VALIDATOR_ARCHIVE_CRC32_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace torchassay {

// The CRC-32 of all bytes so far, given that of those before: Crc32(b, Crc32(a)) is that of a + b.
std::uint32_t Crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

// The CRC-32 of a + b from those of a and b, where b has `second_size` bytes.
// Source: appending n zero bytes multiplies by x^(8n) modulo the polynomial; the rest is xor.
std::uint32_t CombineCrc32(std::uint32_t first, std::uint32_t second, std::uint64_t second_size);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_CRC32_H_
