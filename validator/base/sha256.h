// SHA-256 of bytes in memory.

#ifndef VALIDATOR_BASE_SHA256_H_
#define VALIDATOR_BASE_SHA256_H_

#include <cstddef>
#include <span>
#include <string>

namespace torchassay {

// 64 lower-case hexadecimal digits.
std::string Sha256(std::span<const std::byte> bytes);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_SHA256_H_
