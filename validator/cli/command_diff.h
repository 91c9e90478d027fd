// The command `diff`.

#ifndef VALIDATOR_CLI_COMMAND_DIFF_H_
#define VALIDATOR_CLI_COMMAND_DIFF_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddDiffCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_DIFF_H_
