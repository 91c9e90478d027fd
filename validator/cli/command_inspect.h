// The command `inspect`.

#ifndef VALIDATOR_CLI_COMMAND_INSPECT_H_
#define VALIDATOR_CLI_COMMAND_INSPECT_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddInspectCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_INSPECT_H_
