// A starting policy for a result file. Backs `policy init`.

#ifndef VALIDATOR_SESSION_STARTER_POLICY_H_
#define VALIDATOR_SESSION_STARTER_POLICY_H_

#include <string>

#include "validator/base/status.h"

namespace torchassay {

// The text of a policy that fits the result at `path`. Errors: those of reading and of ParseReport.
Result<std::string> StarterPolicyFor(const std::string& path);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_STARTER_POLICY_H_
