// The command `report`.

#ifndef VALIDATOR_CLI_COMMAND_REPORT_H_
#define VALIDATOR_CLI_COMMAND_REPORT_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddReportCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_REPORT_H_
