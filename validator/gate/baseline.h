// ApplyBaseline: a ratchet. What an earlier result already had may stay, what got worse fails.

#ifndef VALIDATOR_GATE_BASELINE_H_
#define VALIDATOR_GATE_BASELINE_H_

#include "validator/report/report.h"

namespace torchassay {

// A failing finding no longer fails where `baseline` has the same one (code, model, case, output and statement; a line
// number may move) and this one is no worse: no larger error, no more elements beyond the tolerance, not proved where
// it was only possible. Each of the baseline's excuses one. What is worse or better says by how much, and a fact of the
// model counts them all. A case that the baseline checked and this run did not is a finding, TA606; a model that was
// not given is only noted. Crashes, unreadable files and runs without a comparison always fail.
void ApplyBaseline(const Report& baseline, Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_GATE_BASELINE_H_
