// What a caller hands in: paths with what stands there, from specs, a tensor file or a case.

#ifndef VALIDATOR_SIGNATURE_PROVIDED_H_
#define VALIDATOR_SIGNATURE_PROVIDED_H_

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "validator/base/status.h"
#include "validator/signature/kinds.h"
#include "validator/tensor/tensor.h"
#include "validator/tensor/value.h"

namespace torchassay {

struct Provided {
  std::string path;                // "" binds in order
  ValueSpec value;                 // of a tensor: its dtype and sizes, which may be ranges
  std::optional<TensorView> data;  // its elements, where there are any; not owned
};

std::vector<Provided> ProvidedFromSpecs(std::span<const InputSpec> specs);

// Tensors of a file: `input.x` is `x`, a bare `x` too; `output…` entries are left out.
std::vector<Provided> ProvidedFromTensors(std::span<const std::pair<std::string, TensorView>> tensors);

// Lets the one tensor of an .npy file, which is called "array", bind in order; not where one of `inputs` has that name.
void UnnameArray(std::span<const std::string> inputs, std::vector<Provided>& provided);

// The leaves of a call's values; args without names have the paths "", "[0]…" of their position.
std::vector<Provided> ProvidedFromCall(std::span<const Value> args,
                                       std::span<const std::pair<std::string, Value>> kwargs,
                                       std::span<const std::string> argument_names);

// A call's values: positional ones first, then those by name.
struct CallValues {
  std::vector<Value> args;
  std::vector<std::pair<std::string, Value>> kwargs;
};

// Nested values out of paths: unnamed ones are positional, `pair[0]` makes a list, `batch.ids` a dict.
// A tensor's name is "input." + path, or "input.#" + position where there is no path; a size range
// is its smallest size. kUsage where two paths contradict each other or an index is left out.
Result<CallValues> AssembleCall(std::span<const Provided> provided);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_PROVIDED_H_
