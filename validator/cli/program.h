// The program: a command line becomes one command's work and an exit status.

#ifndef VALIDATOR_CLI_PROGRAM_H_
#define VALIDATOR_CLI_PROGRAM_H_

#include <string>
#include <vector>

#include "validator/cli/exit_code.h"
#include "validator/cli/surroundings.h"

namespace torchassay {

// Runs the command that `arguments` (without the program's name) asks for. Output goes to the streams of
// `around`; `convert` replaces the process.
ExitCode RunProgram(const std::vector<std::string>& arguments, Surroundings& around);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_PROGRAM_H_
