// The command `policy`.

#ifndef VALIDATOR_CLI_COMMAND_POLICY_H_
#define VALIDATOR_CLI_COMMAND_POLICY_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddPolicyCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_POLICY_H_
