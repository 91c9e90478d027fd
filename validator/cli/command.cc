#include "validator/cli/command.h"

#include <ostream>
#include <utility>

#include "validator/report/finding_text.h"

namespace torchassay {

CLI::App* NewCommand(CLI::App& app, Action& action, const std::string& name, const std::string& description,
                     Action run) {
  CLI::App* command = app.add_subcommand(name, description);
  command->callback([&action, run = std::move(run)] { action = run; });
  return command;
}

ExitCode Complain(const Status& status, Surroundings& around) {
  around.err << StatusText(status, around.err_style);
  return ExitCodeOf(status);
}

}  // namespace torchassay
