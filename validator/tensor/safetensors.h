// The safetensors format: a header of JSON, then the tensors' bytes.

#ifndef VALIDATOR_TENSOR_SAFETENSORS_H_
#define VALIDATOR_TENSOR_SAFETENSORS_H_

#include <cstddef>
#include <span>
#include <string>

#include "validator/base/status.h"
#include "validator/tensor/tensor_source.h"

namespace torchassay {

// The largest header that is read, as in the format's reference implementation.
constexpr std::size_t kMaxSafetensorsHeader = 100'000'000;

// The tensors of a file's `bytes`, in the order of their data; views into `bytes`. kUnreadable with TA215
// unless every range lies inside the file, has the size that dtype and shape say, and the ranges follow
// each other without gap or overlap.
Result<NamedTensors> ParseSafetensors(std::span<const std::byte> bytes);

// The whole file's bytes for `tensors`, larger element types first, so that all data is aligned.
// kUnsupported for c128, which the format lacks: pass it as f64 with one more dimension of 2.
Result<std::string> SerializeSafetensors(const NamedTensors& tensors);
// Writes that atomically to `path`.
Status WriteSafetensors(const std::string& path, const NamedTensors& tensors);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_SAFETENSORS_H_
