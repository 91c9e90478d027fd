// The command `check`.

#ifndef VALIDATOR_CLI_COMMAND_CHECK_H_
#define VALIDATOR_CLI_COMMAND_CHECK_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddCheckCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_CHECK_H_
