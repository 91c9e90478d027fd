// Prober: would the model take an input of these shapes and types? Nothing but shapes is computed.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_PROBE_H_
#define VALIDATOR_RUNNER_PROBE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "validator/runner/interpreter.h"
#include "validator/runner/meta_evaluator.h"
#include "validator/runner/model.h"
#include "validator/runner/trial.h"
#include "validator/runner/values.h"
#include "validator/signature/provided.h"

namespace torchassay {

// Why an input is not taken.
struct Refusal {
  std::string code = "TA311";          // TA303 for an element type, TA304, TA305, …
  std::string op;                      // "torch.mv", "" where no operator is to blame
  std::string place;                   // "my_module.py:12 (in conv.py:560)", "" where unknown
  std::string need;                    // "needs a 1-D vector of 20 elements", or what LibTorch says
  std::string reason;                  // what LibTorch says
  std::vector<std::int64_t> numbers;   // sizes and integers that the operator had before it, and those of `reason`
  std::vector<Shape> shapes;           // of its tensors, the weights first
  std::vector<std::int64_t> compared;  // integers that the model compared before, the latest first
  std::vector<std::string> words;      // strings likewise
  std::string module;                  // dotted path of the submodule that holds the operator
  std::vector<std::string> blamed;     // names of the call's tensors that the operator's were computed of
  std::int64_t misfits = 0;            // dimensions in which tensors that are joined or broadcast do not fit
  std::int64_t excess = 0;             // by how much a size is larger than the operator wants it, or less: negative
  std::vector<Shape> asked;            // shapes that only `reason` mentions: one is often what is wanted
};

// "`torch.mv` at my_module.py:12 needs a 1-D vector of 20 elements".
std::string RefusalText(const Refusal& refusal);

// One output of a call that was taken, as far as it is known.
struct ProbedOutput {
  std::string path;
  std::string text;            // "f32[1,1000]", or "unknown" where data decides
  std::optional<DType> dtype;  // of a tensor
  Shape shape;
};

struct ProbeResult {
  std::optional<Refusal> refusal;     // absent: taken
  std::int64_t places = 0;            // how far it came
  std::int64_t steps = 0;             // the work that it was
  std::int64_t elements = 0;          // tried on the CPU for it
  std::vector<ProbedOutput> outputs;  // where it was taken
  bool unsure = false;                // an operator was too large to be tried, or there were too many
  bool accepted() const { return !refusal.has_value(); }
};

// A tensor of which only the shape and the type are known.
at::Tensor WithoutData(const TensorRef& tensor);

class Prober final {
 public:
  explicit Prober(Model& model) : model_(model) {}
  ProbeResult Probe(const CallValues& call) { return Probe(call, WithoutData); }
  // With tensors that `make` makes: the values of indices may decide, where they are known.
  ProbeResult Probe(const CallValues& call, const TensorMaker& make);
  std::int64_t probes() const { return probes_; }

 private:
  // A call's arguments, the module first, and its tensors by name, in the order in which they were made.
  struct Prepared {
    std::vector<c10::IValue> stack;
    std::vector<std::pair<std::string, at::Tensor>> tensors;
  };
  ProbeResult Walk(const Prepared& call);
  ProbeResult WalkAssuming(Assumed assumed, const Prepared& call, bool& has_assumed);

  Model& model_;
  Trials trials_;
  std::int64_t probes_ = 0;
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_PROBE_H_
