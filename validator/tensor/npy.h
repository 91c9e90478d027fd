// The .npy format: one array behind a short header that is written like a Python dict.

#ifndef VALIDATOR_TENSOR_NPY_H_
#define VALIDATOR_TENSOR_NPY_H_

#include <cstddef>
#include <span>
#include <vector>

#include "validator/base/status.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

struct NpyArray {
  TensorView view;                   // its bytes point into the file, or, when `reordered` is not empty, into that
  std::vector<std::byte> reordered;  // the data of a Fortran-order array in row-major order
};

// Whether a file starts as an .npy file does.
bool LooksLikeNpy(std::span<const std::byte> bytes);

// The array of a whole .npy file, versions 1 to 3. kUnreadable with TA215 where the header is damaged, claims
// more data than there is or less, or describes what a tensor cannot be: big-endian numbers, Python objects,
// records, text, unsigned integers beyond u8.
Result<NpyArray> ParseNpy(std::span<const std::byte> bytes);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_NPY_H_
