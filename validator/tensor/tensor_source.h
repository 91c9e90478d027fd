// TensorSource: where the data of named tensors lies.

#ifndef VALIDATOR_TENSOR_TENSOR_SOURCE_H_
#define VALIDATOR_TENSOR_TENSOR_SOURCE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "validator/tensor/tensor.h"

namespace torchassay {

using NamedTensors = std::vector<std::pair<std::string, TensorView>>;

// Views live as long as the source.
class TensorSource {
 public:
  virtual ~TensorSource() = default;
  virtual std::optional<TensorView> Find(std::string_view name) const = 0;
};

// Tensors in memory that somebody else owns, by name.
class TensorTable final : public TensorSource {
 public:
  void Add(std::string name, TensorView view) { tensors_.insert_or_assign(std::move(name), std::move(view)); }
  std::optional<TensorView> Find(std::string_view name) const override;

 private:
  std::map<std::string, TensorView, std::less<>> tensors_;
};

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_TENSOR_SOURCE_H_
