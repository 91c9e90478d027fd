// Finds a call that a model takes, guided by how far refused calls come and by the numbers where they stop.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_SEARCH_H_
#define VALIDATOR_RUNNER_SEARCH_H_

#include <optional>
#include <vector>

#include "validator/runner/form.h"
#include "validator/runner/moves.h"
#include "validator/runner/probe.h"

namespace torchassay {

struct Found {
  Form form;
  ProbeResult result;
};

// What came of a search: the call that is taken, or else the refused one that came farthest.
struct Searched {
  std::optional<Found> found;
  std::optional<Found> farthest;
};

struct SearchLimits {
  int probes = 300;                // calls tried at most
  int without_progress = 300;      // and those in a row that came no farther than any before
  std::int64_t steps = 4'000'000;  // nodes visited: a loop over a large size visits its own as often
  MoveLimits moves;
};

// Best-first: the refused call that came farthest is changed next, by one move at a time.
Searched SearchAccepted(Prober& prober, const std::vector<Form>& seeds, const SearchLimits& limits);

// All tensors of one type and one rank, with usual sizes.
Form UsualForm(const Form& declared, DType dtype, std::size_t rank);

// The same call with floats where these are taken: what may be anything is not called integer. Only what has the
// shape of integers that must be some, such as a mask beside ids, is integers as well.
Found PreferUsualTypes(Prober& prober, Found found);

// The same call with no more dimensions than a batch of what the last ones are, where that is taken: leading ones that
// nothing minds are seldom meant.
Found PreferLowRanks(Prober& prober, Found found);

// The same call with the first tensor's batch, and if need be its steps, in front of those that have no such batch,
// where it is taken: one sample for a whole batch is seldom meant.
Found PreferBatches(Prober& prober, Found found);

// The same call without sizes of 1 that only broadcast: the size that they are spread to says more.
Found PreferWholeSizes(Prober& prober, Found found);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_SEARCH_H_
