// Values across the border of LibTorch: what a manifest or a caller says, as IValues and back.
//
// Includes LibTorch. Functions throw UnusableInput, and whatever LibTorch throws.

#ifndef VALIDATOR_RUNNER_VALUES_H_
#define VALIDATOR_RUNNER_VALUES_H_

#include <torch/script.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "validator/signature/provided.h"
#include "validator/tensor/tensor_file.h"
#include "validator/tensor/value.h"

namespace torchassay {

// The request cannot be served: the catalogue's code and a message that stands alone.
class UnusableInput final : public std::runtime_error {
 public:
  UnusableInput(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// Makes the tensor for a leaf.
using TensorMaker = std::function<at::Tensor(const TensorRef&)>;

// The IValue of the TorchScript type `type`; `path` is its name in messages.
c10::IValue ToIValue(const Value& value, const c10::TypePtr& type, const TensorMaker& make, const std::string& path);

// What the unnamed values of a call bind to, in order: the arguments that it does not name. Fewer than there are values
// where the method takes fewer.
std::vector<const c10::Argument*> UnnamedArguments(const CallValues& call, const c10::FunctionSchema& schema);

// Positional and keyword arguments for a method, each by the type that its schema declares.
struct Arguments {
  std::vector<c10::IValue> positional;
  torch::jit::Kwargs keywords;
};
Arguments ToArguments(const CallValues& call, const c10::FunctionSchema& schema, const TensorMaker& make);

// Makes tensors out of a case's data: copies, since a model may write on its inputs; on `device`, with
// layout, requires_grad and aliases as recorded.
class CaseTensors final {
 public:
  CaseTensors(const TensorSource& source, at::Device device) : source_(source), device_(device) {}
  at::Tensor operator()(const TensorRef& tensor);

 private:
  const TensorSource& source_;
  at::Device device_;
  std::map<std::string, at::Tensor> made_;
};

// A model's output on this side of the border. The views live as long as this object.
struct CapturedValue {
  Value value;
  TensorTable tensors;
  std::vector<std::pair<std::string, TensorView>> named;  // the same, in order
  std::vector<at::Tensor> kept;                           // on the CPU, contiguous
  std::vector<std::string> quantised;                     // "`output` is QUInt8": what stands here in f32
};
// Tensors are named by their paths below `root`. An object becomes a dict of its attributes.
CapturedValue Capture(const c10::IValue& value, const std::string& root);

DType FromScalarType(at::ScalarType type);  // throws UnusableInput for types that the grammar lacks
at::ScalarType ToScalarType(DType dtype);
// "f32[1,3]"; types that the grammar lacks have LibTorch's name.
std::string DescribeTensor(const at::Tensor& tensor);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_VALUES_H_
