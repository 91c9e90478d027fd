// Finds a call that a model takes, guided by how far refused calls come and by the numbers where they stop.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_SEARCH_H_
#define VALIDATOR_RUNNER_SEARCH_H_

#include <optional>
#include <span>
#include <vector>

#include "validator/runner/form.h"
#include "validator/runner/probe.h"

namespace torchassay {

struct Found {
  Form form;
  ProbeResult result;
};

// Best-first: the refused call that came farthest is changed next, one move at a time: another rank, another
// element type, a size that the refusing operator mentions, equal sizes. At most `probes` calls are tried.
// Absent: none was taken.
std::optional<Found> SearchAccepted(Prober& prober, const std::vector<Form>& seeds, int probes);

// Calls to start from when nothing is known: all tensors of one rank with usual sizes, floats and integers.
std::vector<Form> UsualSeeds(const Form& declared, std::span<const std::size_t> ranks);
// The same with one rank only.
std::vector<Form> SeedsOfRank(const Form& form, std::size_t rank);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_SEARCH_H_
