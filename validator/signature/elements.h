// Whether every element of a tensor lies in a value domain.

#ifndef VALIDATOR_SIGNATURE_ELEMENTS_H_
#define VALIDATOR_SIGNATURE_ELEMENTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "validator/signature/kinds.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

// The first element that is not legal: its place in row-major order and its text.
struct IllegalElement {
  std::int64_t position = 0;
  std::string text;
};

// Absent where all are legal. A complex element is legal where both its parts are. Without a finite bound a
// domain still forbids NaN and infinities that it does not name.
std::optional<IllegalElement> FindIllegal(const TensorView& tensor, const ValueDomain& domain);

// Whether one value is legal.
bool Admits(const ValueDomain& domain, double value);
bool Admits(const ValueDomain& domain, std::int64_t value);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_ELEMENTS_H_
