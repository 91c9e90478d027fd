// Any bytes as a tensor file of whichever kind (npy, npz, safetensors): every byte of every tensor is read, by
// comparing it with itself.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "validator/base/file.h"
#include "validator/compare/compare.h"
#include "validator/tensor/tensor_file.h"

namespace {

class InputBytes final : public torchassay::FileBytes {
 public:
  InputBytes(const std::uint8_t* data, std::size_t size) : bytes_(data, data + size) {}
  std::span<const std::byte> bytes() const override { return std::as_bytes(std::span(bytes_)); }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = torchassay::TensorFile::FromBytes(std::make_unique<InputBytes>(data, size), "fuzz");
  if (!file.ok()) return 0;
  torchassay::CompareOptions options;
  options.nan_policy = torchassay::NanPolicy::kEqualWhereExpected;
  for (const std::string& name : file->names()) {
    const auto view = file->Find(name);
    if (!view || !torchassay::Compare(*view, *view, options).passed) std::abort();
  }
  return 0;
}
