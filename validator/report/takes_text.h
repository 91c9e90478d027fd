// What a model takes, for a reader: each input, and under it why.

#ifndef VALIDATOR_REPORT_TAKES_TEXT_H_
#define VALIDATOR_REPORT_TAKES_TEXT_H_

#include <string>

#include "validator/signature/signature.h"

namespace torchassay {

// Several lines, empty where the signature has no inputs:
//
//   takes x: f32[N,11], also 1-D, 3-D to 5-D f32[...,11]  (inferred)
//     dimension 1 = 11: `torch.addmm` at mlp.py:7 needs 11 input features, as its weight is f32[4,11]
//
// Alternatives that differ only in how many sizes stand in front are told in one; of their evidence, that of the first
// is shown. Nothing is said of sizes that are free: the JSON form has it all.
std::string TakesText(const Signature& signature);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_TAKES_TEXT_H_
