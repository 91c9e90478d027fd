// The command `validate`.

#ifndef VALIDATOR_CLI_COMMAND_VALIDATE_H_
#define VALIDATOR_CLI_COMMAND_VALIDATE_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddValidateCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_VALIDATE_H_
