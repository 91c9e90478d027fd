// Any bytes as a safetensors file. What is accepted lies inside the file, is as long as it says, and survives being
// written again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "validator/tensor/safetensors.h"

namespace {

using torchassay::NamedTensors;

bool SameBytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

bool Holds(const NamedTensors& tensors, const std::string& name, const torchassay::TensorView& expected) {
  for (const auto& [other, view] : tensors) {
    if (other == name)
      return view.dtype == expected.dtype && view.shape == expected.shape && SameBytes(view.bytes, expected.bytes);
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tensors = torchassay::ParseSafetensors(std::as_bytes(std::span(data, size)));
  if (!tensors.ok()) return 0;
  for (const auto& [name, view] : *tensors) {
    if (torchassay::ByteCount(view.dtype, view.shape) != view.bytes.size()) std::abort();
  }
  const auto written = torchassay::SerializeSafetensors(*tensors);
  if (!written.ok()) std::abort();
  const auto again = torchassay::ParseSafetensors(std::as_bytes(std::span(*written)));
  if (!again.ok() || again->size() != tensors->size()) std::abort();
  for (const auto& [name, view] : *tensors) {
    if (!Holds(*again, name, view)) std::abort();
  }
  return 0;
}
