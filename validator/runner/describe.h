// What inputs does the method of a bare model take? Each statement with its evidence.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_DESCRIBE_H_
#define VALIDATOR_RUNNER_DESCRIBE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "validator/runner/form.h"
#include "validator/runner/model.h"
#include "validator/signature/signature.h"

namespace torchassay {

struct Description {
  Signature signature;
  std::string undetermined;  // why tensors have no specs; "" where they have
  // By the path of an argument, the element types that are taken beside the one of its spec.
  std::map<std::string, std::vector<DType>> also_taken;
};

// From the traced example if the file holds one, else from a search; both confirmed by probes. `near`, a call
// that is known to be refused, is where the search begins: the description is then of what comes closest to it.
Description DescribeModel(Model& model, const std::optional<Form>& near);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_DESCRIBE_H_
