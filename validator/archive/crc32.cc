#include "validator/archive/crc32.h"

#include <isa-l.h>

namespace torchassay {
namespace {

// Polynomials over GF(2) modulo the CRC's own, bit-reflected: the highest bit is x^0.
constexpr std::uint32_t kPolynomial = 0xedb88320u;
constexpr std::uint32_t kOne = 0x80000000u;

std::uint32_t Multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = kOne; bit != 0; bit >>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? (b >> 1) ^ kPolynomial : b >> 1;
  }
  return product;
}

// x^(8 * bytes), by repeated squaring of x^8.
std::uint32_t PowerOfBytes(std::uint64_t bytes) {
  std::uint32_t power = kOne;
  for (std::uint32_t square = kOne >> 8; bytes != 0; bytes >>= 1) {
    if (bytes & 1) power = Multiply(power, square);
    square = Multiply(square, square);
  }
  return power;
}

}  // namespace

std::uint32_t Crc32(std::span<const std::byte> bytes, std::uint32_t before) {
  return crc32_gzip_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::uint32_t CombineCrc32(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
  return Multiply(first, PowerOfBytes(second_size)) ^ second;
}

}  // namespace torchassay
