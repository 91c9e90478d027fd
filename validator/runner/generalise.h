// From one call that a model takes to what it takes in general: each size varied alone, then in ties.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_GENERALISE_H_
#define VALIDATOR_RUNNER_GENERALISE_H_

#include <string>
#include <vector>

#include "validator/base/finding.h"
#include "validator/runner/search.h"
#include "validator/signature/kinds.h"
#include "validator/signature/signature.h"

namespace torchassay {

// What is known of one tensor of the call.
struct GeneralTensor {
  std::string path;
  TensorSpec spec;
  std::vector<Evidence> evidence;
};

struct General {
  std::vector<GeneralTensor> tensors;
  std::vector<OutputSpec> outputs;
  // Of several tensors, sizes that are as they are by chance rather than by need: 1, which goes with any other, a batch
  // of just so many, and those whose range ends at what was tried.
  std::size_t coincidences = 0;
};

General Generalise(Prober& prober, const Found& found);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_GENERALISE_H_
