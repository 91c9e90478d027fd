// TensorFile: named tensors of one .safetensors, .npy or .npz file, mapped into memory.

#ifndef VALIDATOR_TENSOR_TENSOR_FILE_H_
#define VALIDATOR_TENSOR_TENSOR_FILE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validator/base/file.h"
#include "validator/base/status.h"
#include "validator/tensor/tensor.h"
#include "validator/tensor/tensor_source.h"

namespace torchassay {

// The tensors of one file. Nothing is read before it is looked at, except what an .npz compresses.
class TensorFile final : public TensorSource {
 public:
  // Opens `path`; what kind of file it is, its first bytes say. Errors, beside those of MappedFile::Open, are
  // kUnreadable with TA215 and name the file and the tensor: a header that lies about sizes, ranges that
  // overlap or leave the file, an unknown dtype, big-endian, object and structured arrays, a name twice.
  static Result<TensorFile> Open(const std::string& path);
  static Result<TensorFile> Open(const FileSystem& files, const std::string& path);

  // The same for bytes that are in memory already, such as a file that was just verified; `name` is for messages.
  static Result<TensorFile> FromBytes(std::unique_ptr<FileBytes> file, const std::string& name);

  // The names in the order of the file. An .npy file has one tensor, "array"; an .npz member loses its ".npy".
  const std::vector<std::string>& names() const { return names_; }
  std::optional<TensorView> Find(std::string_view name) const override;

 private:
  friend class TensorFileBuilder;

  std::vector<std::string> names_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::unique_ptr<FileBytes> file_;
  std::vector<std::unique_ptr<std::vector<std::byte>>> owned_;  // unpacked or reordered data
};

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_TENSOR_FILE_H_
