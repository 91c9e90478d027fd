// Paths of nested values, `batch.ids`, `pair[0]`, `d["a b"]`: split into steps.

#ifndef VALIDATOR_SIGNATURE_PATH_H_
#define VALIDATOR_SIGNATURE_PATH_H_

#include <optional>
#include <string_view>
#include <vector>

#include "validator/tensor/value.h"

namespace torchassay {

// The steps of a path, the argument's name first. Absent: no path.
std::optional<std::vector<DictKey>> SplitPath(std::string_view path);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_PATH_H_
