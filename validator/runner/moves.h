// Moves: every way in which a refused call is changed by one step, the likeliest first.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_MOVES_H_
#define VALIDATOR_RUNNER_MOVES_H_

#include <cstddef>
#include <vector>

#include "validator/runner/form.h"
#include "validator/runner/probe.h"

namespace torchassay {

// What a search leaves as it is.
struct MoveLimits {
  bool first_rank = false;  // the rank of the first tensor
  bool all_ranks = false;   // the ranks of all
  bool patient = false;     // for many tensors: sizes of all before the rest of any
  bool floats = false;      // floating tensors get no integer type
};

// What the refusing operator mentions comes first: a shape that it asks for, its sizes one by one, runs of its weights'
// sizes, its types; then usual sizes, two tensors alike, longer sequences, other ranks. Of several tensors those come
// first that the operator's own were computed of.
std::vector<Form> ListMoves(const Form& form, const Refusal& refusal, const MoveLimits& limits);

// Sizes that models of this rank usually take.
Shape UsualShape(std::size_t rank);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_MOVES_H_
