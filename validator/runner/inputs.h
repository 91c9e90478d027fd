// The inputs that a job asks for, as arguments of the model's method: filled specs or a tensor file.
//
// Includes LibTorch; throws UnusableInput.

#ifndef VALIDATOR_RUNNER_INPUTS_H_
#define VALIDATOR_RUNNER_INPUTS_H_

#include <torch/script.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "validator/runner/values.h"
#include "validator/signature/provided.h"
#include "validator/signature/spec.h"
#include "validator/tensor/tensor_file.h"
#include "validator/wire/job.h"

namespace torchassay {

// Values of a tensor as a fill makes them, inside the spec's domain. Random ones depend on `seed` alone.
at::Tensor MakeFilled(Fill fill, const TensorSpec& spec, const Shape& shape, std::int64_t seed);

// What a job hands in.
class JobInputs final {
 public:
  // `names` are the method's parameters. With `need_fill`, every tensor spec must say how to fill it.
  JobInputs(const Job& job, const std::vector<std::string>& names, bool need_fill);

  const std::vector<Provided>& provided() const { return provided_; }
  CallValues Assemble() const;
  // The declared range of integers from one end to the other, in a tensor of the call. Absent where a spec declares
  // none, or for more elements than are worth making.
  std::optional<at::Tensor> Declared(const TensorRef& tensor, bool rising) const;
  // Real arguments, made anew at each call.
  Arguments Make(const c10::FunctionSchema& schema, at::Device device) const;

 private:
  void ReadSpecs(const Job& job, bool need_fill);
  void ReadFile(const Job& job, const std::vector<std::string>& names);

  std::vector<Provided> provided_;
  std::map<std::string, FilledSpec> fills_;  // by the tensor's name in the assembled call
  std::optional<TensorFile> file_;
  std::int64_t seed_ = 0;
};

// Names of the method's parameters without `self`.
std::vector<std::string> ParameterNames(const c10::FunctionSchema& schema);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_INPUTS_H_
