// The command `bench`.

#ifndef VALIDATOR_CLI_COMMAND_BENCH_H_
#define VALIDATOR_CLI_COMMAND_BENCH_H_

#include "validator/cli/command.h"

namespace torchassay {

void AddBenchCommand(CLI::App& app, Action& action);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_BENCH_H_
