// The fast path of Compare: vector code for every dtype, chosen for the processor at run time.

#ifndef VALIDATOR_COMPARE_KERNEL_H_
#define VALIDATOR_COMPARE_KERNEL_H_

#include "validator/compare/accumulator.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

// Looks at every element once and hands what it finds to `accumulator`; what breaks a record, the accumulator looks at
// itself. Neither side need be aligned.
// REQUIRES: as Compare.
void CompareBlocks(const TensorView& actual, const TensorView& expected, Accumulator& accumulator);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_KERNEL_H_
