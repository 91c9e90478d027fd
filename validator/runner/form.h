// Form: one concrete call of a method, with its tensors' shapes and types, its integers and its strings open to change.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_FORM_H_
#define VALIDATOR_RUNNER_FORM_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "validator/runner/model.h"
#include "validator/signature/provided.h"

namespace torchassay {

class Form final {
 public:
  explicit Form(CallValues call) : call_(std::move(call)) {}

  // The same with tensors named by the paths that the schema gives them, whatever the caller named them.
  static Form Named(CallValues call, const c10::FunctionSchema& schema);

  const CallValues& call() const { return call_; }
  // Its tensors with their paths, in order. The pointers live until the form is changed or copied.
  std::vector<std::pair<std::string, const TensorRef*>> tensors() const;
  const TensorRef& tensor(std::size_t index) const { return *tensors()[index].second; }

  Form With(std::size_t index, DType dtype, Shape shape) const;
  Form WithShape(std::size_t index, Shape shape) const { return With(index, tensor(index).dtype, std::move(shape)); }
  Form WithSize(std::size_t index, std::size_t dim, std::int64_t size) const;

  // Its integers and strings, in order. The pointers live until the form is changed or copied.
  std::vector<const Value*> scalars() const;
  Form WithScalar(std::size_t index, Value scalar) const;

  // The same text for the same form.
  std::string Key() const;

 private:
  CallValues call_;
};

// A call as the method's schema declares it: arguments with a default left out, tensors as f32[], lists of `list_items`
// items, dicts with the keys that the code asks for. Absent where a type has no value of ours; `why` says which.
struct FormFromSchema {
  std::optional<Form> form;
  std::string why;
};
FormFromSchema DeclaredForm(Model& model, std::size_t list_items = 1);

// Whether a call holds a list.
bool HoldsList(const Form& form);

// The dict that is the argument at `index`, as the keys that it has and the call without one of them.
std::vector<std::string> KeysAt(const Form& form, std::size_t index);
Form WithoutKey(const Form& form, std::size_t index, const std::string& key);

// The call that the file was traced with, where the file holds its shapes.
std::optional<Form> TracedForm(Model& model);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_FORM_H_
