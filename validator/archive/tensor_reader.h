// TensorReader: the elements of stored tensors in row-major order, chunk by chunk.

#ifndef VALIDATOR_ARCHIVE_TENSOR_READER_H_
#define VALIDATOR_ARCHIVE_TENSOR_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "validator/archive/byte_source.h"
#include "validator/archive/container.h"
#include "validator/archive/stored_tensor.h"
#include "validator/base/status.h"

namespace torchassay {

// One open archive whose tensors are read; memory is a chunk, whatever their size.
class TensorReader final {
 public:
  // Errors: those of Container::Open.
  static Result<TensorReader> Open(const std::string& path);

  // Whether Read can give the tensor's elements: dense, of a known size, not compressed in the zip.
  bool CanRead(const StoredTensor& tensor) const;

  // Fills `buffer` with its elements from the row-major position `first` on; the buffer's size is a
  // multiple of the element's. REQUIRES: CanRead(tensor), and so many elements. Error TA202: cut off.
  Status Read(const StoredTensor& tensor, std::int64_t first, std::span<std::byte> buffer) const;

 private:
  TensorReader(std::unique_ptr<ByteSource> source, Container container)
      : source_(std::move(source)), container_(std::move(container)) {}
  Status ReadStrided(const StoredTensor& tensor, std::uint64_t data, std::int64_t first,
                     std::span<std::byte> buffer) const;

  std::unique_ptr<ByteSource> source_;
  Container container_;
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_TENSOR_READER_H_
