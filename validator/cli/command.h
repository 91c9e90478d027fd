// A command of the program: how it joins the command line, and what it does once it is chosen.

#ifndef VALIDATOR_CLI_COMMAND_H_
#define VALIDATOR_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "validator/cli/exit_code.h"
#include "validator/cli/surroundings.h"

namespace torchassay {

// Does the command's work with the options that were parsed.
using Action = std::function<ExitCode(Surroundings&)>;

// Adds a command to `app`; when the command line names it, `action` becomes its work. `action`
// must outlive `app`.
using AddCommand = void (*)(CLI::App& app, Action& action);

// A command with its description, and an action that calls `run` with its own options:
//
//   auto options = std::make_shared<CheckOptions>();
//   CLI::App* command = NewCommand(app, action, "check", "…", [options](Surroundings& around) { … });
CLI::App* NewCommand(CLI::App& app, Action& action, const std::string& name, const std::string& description,
                     Action run);

// Prints a failure of ours to the error stream and returns its exit status.
ExitCode Complain(const Status& status, Surroundings& around);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_COMMAND_H_
