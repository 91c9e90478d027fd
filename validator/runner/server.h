// Serve: takes jobs from a socket, has a child do each, and answers as they finish.

#ifndef VALIDATOR_RUNNER_SERVER_H_
#define VALIDATOR_RUNNER_SERVER_H_

#include <string>

#include "validator/runner/child.h"

namespace torchassay {

// Returns when the other end closes, sends garbage, or SIGTERM, SIGINT or SIGHUP arrives; all children
// are dead then. `torch_version` goes into every result.
void Serve(int socket, const JobFunction& function, const std::string& torch_version);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_SERVER_H_
