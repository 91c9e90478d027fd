// The .npz format: a zip archive of .npy files.

#ifndef VALIDATOR_TENSOR_NPZ_H_
#define VALIDATOR_TENSOR_NPZ_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "validator/base/status.h"

namespace torchassay {

struct NpzMember {
  std::string name;                // without ".npy"
  std::vector<std::byte> content;  // a whole .npy file
};

// Whether a file starts as a zip archive does.
bool LooksLikeZip(std::span<const std::byte> bytes);

// Unpacks every member and checks its checksum. kUnreadable with TA215 where the archive is damaged, names a
// member twice, or a member claims a size that its packed bytes cannot hold.
Result<std::vector<NpzMember>> UnpackNpz(std::span<const std::byte> bytes);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_NPZ_H_
