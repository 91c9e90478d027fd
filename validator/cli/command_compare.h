// The command `compare`.

#ifndef VALIDATOR_CLI_COMMAND_COMPARE_H_
#define VALIDATOR_CLI_COMMAND_COMPARE_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddCompareCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_COMPARE_H_
