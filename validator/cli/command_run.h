// The command `run`.

#ifndef VALIDATOR_CLI_COMMAND_RUN_H_
#define VALIDATOR_CLI_COMMAND_RUN_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddRunCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_RUN_H_
