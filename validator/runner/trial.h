// Trials: single operators tried out on the CPU, with zeros in place of data. What they say is the truth about
// shapes and types; what they compute is not looked at.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_TRIAL_H_
#define VALIDATOR_RUNNER_TRIAL_H_

#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace torchassay {

// Runs the operator of `node` on these very inputs; throws what it throws.
std::vector<c10::IValue> RunOperator(const torch::jit::Node* node, std::vector<c10::IValue> stack);

// What an exception of LibTorch says, without the C++ frames, whose names would be taken for words.
std::string WordsOf(const std::exception& error);

// Remembers what came of it: probes vary one size at a time, so that most operators see the same again.
class Trials final {
 public:
  // The outputs without data; absent where the inputs are too large to be made. Throws std::runtime_error with
  // the operator's words where it refuses zeros and ones: an error that values cause, such as a length of zero, is
  // none.
  std::optional<std::vector<c10::IValue>> Try(const torch::jit::Node* node, const std::vector<c10::IValue>& inputs,
                                              const std::vector<c10::IValue>& unknown);

  // Throws std::runtime_error with the operator's words where it knows no kernel for types like these, which its
  // shape-only form seldom minds. Asked once for each operator and its types, on few elements; `outputs` is how many
  // elements came of all of them.
  void CheckTypes(const torch::jit::Node* node, const std::vector<c10::IValue>& inputs, std::int64_t outputs);

  // How often the inputs were too large: what came after was not seen.
  std::int64_t untried() const { return untried_; }
  // Elements of all inputs that were tried anew: the work done, whatever the machine has to do beside it.
  std::int64_t elements() const { return elements_; }

 private:
  struct Outcome {
    std::vector<c10::IValue> outputs;
    std::string refusal;  // "": taken
  };
  static Outcome Ask(const torch::jit::Node* node, std::vector<c10::IValue> inputs,
                     const std::vector<c10::IValue>& unknown);

  static std::string RefusalOfTypes(const torch::jit::Node* node, const std::vector<c10::IValue>& inputs);

  std::unordered_map<std::string, Outcome> known_;
  std::unordered_map<std::string, std::string> refused_types_;  // "": taken
  std::int64_t untried_ = 0;
  std::int64_t elements_ = 0;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_TRIAL_H_
