// MetaEvaluator: operators on tensors without data, checked on small real ones where that is not possible.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_META_EVALUATOR_H_
#define VALIDATOR_RUNNER_META_EVALUATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "validator/runner/interpreter.h"
#include "validator/runner/origins.h"
#include "validator/runner/trial.h"
#include "validator/runner/value_tensors.h"

namespace torchassay {

// How many elements a mask is taken to select, since only data could tell.
enum class Assumed { kAll, kOne };

// Small integer tensors of the model keep their data, since sizes and indices are made of them; everything
// else is shape and dtype. What cannot be computed so is Unknown(), never a guess.
class MetaEvaluator final : public Evaluator {
 public:
  // `origins` is told what is computed of what.
  MetaEvaluator(Trials& trials, Assumed assumed, Origins& origins)
      : trials_(trials), assumed_(assumed), origins_(origins) {}

  std::vector<c10::IValue> Evaluate(const torch::jit::Node* node, std::vector<c10::IValue> inputs) override;
  at::Tensor Attribute(const at::Tensor& tensor) override;

  // Whether a size was assumed that data decides: a refusal holds only if it comes whatever is assumed.
  bool has_assumed() const { return has_assumed_; }
  // Integers that the model compared lately: what it raises about is among them.
  const std::vector<std::int64_t>& compared() const { return compared_; }
  // Likewise strings.
  const std::vector<std::string>& compared_words() const { return compared_words_; }

 private:
  using Values = std::vector<c10::IValue>;

  Values Compute(const torch::jit::Node* node, Values inputs);
  void NoteComparison(const std::string& name, const Values& inputs);
  std::optional<Values> ShapesFirst(const torch::jit::Node* node, const Values& inputs, const TensorSurvey& survey);
  Values OnRealTensors(const torch::jit::Node* node, Values inputs, const TensorSurvey& survey);
  Values WithoutResult(const torch::jit::Node* node, const std::string& name, const Values& inputs);
  std::optional<Values> Select(const torch::jit::Node* node, const std::string& name, const Values& inputs,
                               const TensorSurvey& survey);
  Values Ordinary(const torch::jit::Node* node, const std::string& name, const Values& inputs,
                  const TensorSurvey& survey);
  std::int64_t CountOf(std::int64_t elements);

  Trials& trials_;
  Assumed assumed_;
  Origins& origins_;
  bool has_assumed_ = false;
  std::vector<std::int64_t> compared_;
  std::vector<std::string> compared_words_;
  std::unordered_map<const c10::TensorImpl*, at::Tensor> stand_ins_;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_META_EVALUATOR_H_
