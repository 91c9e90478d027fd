#include "validator/tensor/tensor_file.h"

#include <cstdint>

#include "validator/base/strings.h"
#include "validator/tensor/npy.h"
#include "validator/tensor/npz.h"
#include "validator/tensor/safetensors.h"

namespace torchassay {

// Fills a TensorFile; it owns what the format's reader hands over.
class TensorFileBuilder final {
 public:
  explicit TensorFileBuilder(std::unique_ptr<FileBytes> file) { result_.file_ = std::move(file); }

  Status Read() {
    const std::span<const std::byte> bytes = result_.file_->bytes();
    if (LooksLikeNpy(bytes)) return AddNpy("array", bytes);
    if (LooksLikeZip(bytes)) return ReadNpz(bytes);
    return ReadSafetensors(bytes);
  }

  TensorFile Take() && { return std::move(result_); }

 private:
  Status ReadSafetensors(std::span<const std::byte> bytes) {
    Result<NamedTensors> tensors = ParseSafetensors(bytes);
    if (!tensors.ok()) return tensors.status();
    for (auto& [name, view] : *tensors) Add(name, view);
    return Status();
  }

  Status ReadNpz(std::span<const std::byte> bytes) {
    Result<std::vector<NpzMember>> members = UnpackNpz(bytes);
    if (!members.ok()) return members.status();
    for (NpzMember& member : *members) {
      const std::span<const std::byte> content = Keep(std::move(member.content));
      if (Status status = AddNpy(member.name, content); !status.ok()) {
        return status.WithContext("array " + Quote(member.name));
      }
    }
    return Status();
  }

  Status AddNpy(const std::string& name, std::span<const std::byte> bytes) {
    Result<NpyArray> array = ParseNpy(bytes);
    if (!array.ok()) return array.status();
    if (!array->reordered.empty()) array->view.bytes = Keep(std::move(array->reordered));
    Add(name, array->view);
    return Status();
  }

  std::span<const std::byte> Keep(std::vector<std::byte> data) {
    result_.owned_.push_back(std::make_unique<std::vector<std::byte>>(std::move(data)));
    return *result_.owned_.back();
  }

  // Whoever uses a view may rely on its alignment; a file's header need not have cared.
  void Add(const std::string& name, TensorView view) {
    const std::size_t alignment = IsComplex(view.dtype) ? DTypeSize(view.dtype) / 2 : DTypeSize(view.dtype);
    if (reinterpret_cast<std::uintptr_t>(view.bytes.data()) % alignment != 0) {
      view.bytes = Keep(std::vector<std::byte>(view.bytes.begin(), view.bytes.end()));
    }
    result_.names_.push_back(name);
    result_.tensors_.emplace(name, std::move(view));
  }

  TensorFile result_;
};

Result<TensorFile> TensorFile::Open(const std::string& path) { return Open(RealFileSystem(), path); }

Result<TensorFile> TensorFile::Open(const FileSystem& files, const std::string& path) {
  Result<std::unique_ptr<FileBytes>> file = files.Map(path);
  if (!file.ok()) return file.status();
  return FromBytes(*std::move(file), path);
}

Result<TensorFile> TensorFile::FromBytes(std::unique_ptr<FileBytes> file, const std::string& name) {
  TensorFileBuilder builder(std::move(file));
  if (const Status status = builder.Read(); !status.ok()) return status.WithContext(Quote(name));
  return std::move(builder).Take();
}

std::optional<TensorView> TensorFile::Find(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return std::nullopt;
  return found->second;
}

}  // namespace torchassay
