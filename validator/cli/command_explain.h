// The command `explain`.

#ifndef VALIDATOR_CLI_COMMAND_EXPLAIN_H_
#define VALIDATOR_CLI_COMMAND_EXPLAIN_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddExplainCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_EXPLAIN_H_
