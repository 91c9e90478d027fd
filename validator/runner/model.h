// Model: a loaded TorchScript module on its device, one method of it, and fresh copies where state demands them.
//
// Includes LibTorch, and throws what LibTorch throws; ModelError where the model cannot be had.

#ifndef VALIDATOR_RUNNER_MODEL_H_
#define VALIDATOR_RUNNER_MODEL_H_

#include <torch/script.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "validator/runner/values.h"
#include "validator/wire/job.h"

namespace torchassay {

// The model cannot be had: no such device, no such method, a file that LibTorch refuses.
class ModelError final : public std::runtime_error {
 public:
  ModelError(Outcome outcome, std::string code, const std::string& message)
      : std::runtime_error(message), outcome_(outcome), code_(std::move(code)) {}
  Outcome outcome() const { return outcome_; }
  const std::string& code() const { return code_; }

 private:
  Outcome outcome_;
  std::string code_;
};

// The device of a job's text; throws ModelError with kDeviceMissing, TA505.
at::Device FindDevice(const std::string& text);

// Makes the operators of these shared objects known; throws ModelError with TA506.
void OpenLibraries(const std::vector<std::string>& paths);

class Model final {
 public:
  // `load_ms` of the object says how long it took.
  Model(std::string path, std::string method, at::Device device);

  torch::jit::Method method() const;
  const c10::FunctionSchema& schema() const;
  torch::jit::Module& module() { return module_; }
  at::Device device() const { return device_; }
  double load_ms() const { return load_ms_; }

  // Runs the method; autograd is on where an input requires it or the graph asks for it.
  c10::IValue Call(Arguments arguments);

  // The model as it is in the file: loaded again if anything in it may have changed since.
  void MakeFresh();

 private:
  void Load();
  std::vector<std::int64_t> Versions() const;

  std::string path_;
  std::string method_;
  at::Device device_;
  torch::jit::Module module_;
  bool hides_state_ = false;  // writes that no version counter shows
  bool wants_grad_ = false;
  bool used_ = false;
  std::vector<std::int64_t> versions_;
  double load_ms_ = 0;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_MODEL_H_
