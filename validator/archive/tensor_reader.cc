#include "validator/archive/tensor_reader.h"

#include <algorithm>
#include <utility>

namespace torchassay {
namespace {

// A strided tensor up to this size is read whole, then picked; a larger one element by element.
constexpr std::uint64_t kWholeStorage = 64 << 20;

// The storage position of the row-major element `index`.
std::int64_t StorageIndex(const StoredTensor& tensor, std::int64_t index) {
  std::int64_t at = tensor.offset;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    at += index % tensor.shape[i] * tensor.stride[i];
    index /= tensor.shape[i];
  }
  return at;
}

}  // namespace

Result<TensorReader> TensorReader::Open(const std::string& path) {
  Result<std::unique_ptr<ByteSource>> source = OpenFileSource(path);
  if (!source.ok()) return source.status();
  Result<Container> container = Container::Open(**source, path, {});
  if (!container.ok()) return container.status();
  return TensorReader(std::move(*source), std::move(*container));
}

bool TensorReader::CanRead(const StoredTensor& tensor) const {
  const ZipEntry* entry = container_.Find(tensor.record);
  return tensor.layout.empty() && tensor.element_bytes > 0 && entry != nullptr && !entry->compressed;
}

Status TensorReader::Read(const StoredTensor& tensor, std::int64_t first, std::span<std::byte> buffer) const {
  const std::uint64_t data = container_.Find(tensor.record)->data_offset;
  if (!tensor.contiguous()) return ReadStrided(tensor, data, first, buffer);
  const std::int64_t begin = (tensor.offset + first) * tensor.element_bytes;
  return source_->ReadAt(data + static_cast<std::uint64_t>(begin), buffer);
}

Status TensorReader::ReadStrided(const StoredTensor& tensor, std::uint64_t data, std::int64_t first,
                                 std::span<std::byte> buffer) const {
  const std::size_t size = static_cast<std::size_t>(tensor.element_bytes);
  const std::uint64_t storage_bytes = static_cast<std::uint64_t>(tensor.storage_elements) * size;
  std::vector<std::byte> storage;
  if (storage_bytes <= kWholeStorage) {
    storage.resize(storage_bytes);
    if (Status status = source_->ReadAt(data, storage); !status.ok()) return status;
  }
  for (std::size_t done = 0; done < buffer.size(); done += size, ++first) {
    const std::uint64_t at = static_cast<std::uint64_t>(StorageIndex(tensor, first)) * size;
    const std::span<std::byte> element = buffer.subspan(done, size);
    if (!storage.empty()) {
      std::copy_n(storage.begin() + static_cast<std::ptrdiff_t>(at), size, element.begin());
    } else if (Status status = source_->ReadAt(data + at, element); !status.ok()) {
      return status;
    }
  }
  return Status();
}

}  // namespace torchassay
