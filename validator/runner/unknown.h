// Unknown: the value of what depends on data that is not there.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_UNKNOWN_H_
#define VALIDATOR_RUNNER_UNKNOWN_H_

#include <torch/script.h>

#include <vector>

namespace torchassay {

c10::IValue Unknown();
bool IsUnknown(const c10::IValue& value);
// Whether it, an item of the tuple or a value of the dict is unknown.
bool HoldsUnknown(const c10::IValue& value);

// What is known whichever of the two it is.
c10::IValue Merge(const c10::IValue& left, const c10::IValue& right);
// REQUIRES: as many on both sides.
std::vector<c10::IValue> Merge(const std::vector<c10::IValue>& left, const std::vector<c10::IValue>& right);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_UNKNOWN_H_
