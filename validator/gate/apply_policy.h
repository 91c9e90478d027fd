// ApplyPolicy: judges a report anew by a policy.

#ifndef VALIDATOR_GATE_APPLY_POLICY_H_
#define VALIDATOR_GATE_APPLY_POLICY_H_

#include <string>
#include <vector>

#include "validator/compare/tolerance.h"
#include "validator/gate/policy.h"
#include "validator/report/report.h"

namespace torchassay {

// Decides for every finding whether it fails: by the policy's verdicts and codes, unless a waiver that
// holds on `today` ("2026-11-23") accepts it. Adds what the policy itself finds: budgets that were passed
// (TA604, TA605), and waivers without reason (TA601), not used (TA602) or expired (TA603). Waivers for models that
// the report does not have are only counted, in a note. Then judges.
void ApplyPolicy(const Policy& policy, const std::string& today, Report& report);

// The policy's tolerance for an output, absent where it has none.
std::optional<Tolerance> ToleranceFor(const Policy& policy, const ModelReport& model, const std::string& output,
                                      DType dtype);

}  // namespace torchassay

#endif  // VALIDATOR_GATE_APPLY_POLICY_H_
