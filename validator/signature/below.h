// Where one path of an input lies below another.

#ifndef VALIDATOR_SIGNATURE_BELOW_H_
#define VALIDATOR_SIGNATURE_BELOW_H_

#include <string_view>

namespace torchassay {

// Whether `path` is `parent` or lies below it: "x[0].a" and "x" are at "x", "xs" is not.
inline bool IsBelow(std::string_view path, std::string_view parent) {
  return path.starts_with(parent) &&
         (path.size() == parent.size() || path[parent.size()] == '.' || path[parent.size()] == '[');
}

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_BELOW_H_
