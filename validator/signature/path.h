// Paths of nested values, `batch.ids`, `pair[0]`, `d["a b"]`: joined, and split into steps.

#ifndef VALIDATOR_SIGNATURE_PATH_H_
#define VALIDATOR_SIGNATURE_PATH_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validator/tensor/value.h"

namespace torchassay {

// The path of a child: a name that is an identifier after a dot, everything else in brackets.
std::string JoinPath(const std::string& path, const DictKey& step);

// The steps of a path, the argument's name first. Absent: no path.
std::optional<std::vector<DictKey>> SplitPath(std::string_view path);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_PATH_H_
