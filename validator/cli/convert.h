// `convert` hands over to Python: it works where the model's own packages live.

#ifndef VALIDATOR_CLI_CONVERT_H_
#define VALIDATOR_CLI_CONVERT_H_

#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/cli/surroundings.h"

namespace torchassay {

// Replaces this process by the converter, with `arguments` as they are. Returns only where that fails:
// kNotFound where the environment does not say where the converter is, or it is not there.
Status ExecConverter(const std::vector<std::string>& arguments, const Surroundings& around);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_CONVERT_H_
