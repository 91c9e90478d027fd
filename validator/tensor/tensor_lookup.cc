#include "validator/tensor/tensor_lookup.h"

namespace torchassay {

std::optional<TensorView> FindTensor(const TensorSource& source, const TensorRef& ref) {
  std::optional<TensorView> view = source.Find(ref.name);
  const bool in_two_parts = view && ref.dtype == DType::kC128 && view->dtype == DType::kF64 &&
                            view->shape.size() == ref.shape.size() + 1 && view->shape.back() == 2;
  if (in_two_parts) {
    view->dtype = DType::kC128;
    view->shape.pop_back();
  }
  return view;
}

}  // namespace torchassay
