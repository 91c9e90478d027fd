#include "validator/cli/program.h"

#include <array>
#include <exception>
#include <memory>
#include <ostream>

#include "validator/cli/command.h"
#include "validator/cli/command_bench.h"
#include "validator/cli/command_check.h"
#include "validator/cli/command_compare.h"
#include "validator/cli/command_diff.h"
#include "validator/cli/command_explain.h"
#include "validator/cli/command_inspect.h"
#include "validator/cli/command_policy.h"
#include "validator/cli/command_report.h"
#include "validator/cli/command_run.h"
#include "validator/cli/command_validate.h"
#include "validator/cli/convert.h"
#include "validator/cli/help_text.h"
#include "validator/cli/usage.h"
#include "validator/report/version.h"

namespace torchassay {
namespace {

constexpr char kDescription[] =
    "Shows where a TorchScript file behaves otherwise than its Python, and proves in C++ that it does not";

constexpr char kFooter[] =
    "`torchassay COMMAND --help` describes a command.\n"
    "Exit status: 0 passed, 1 the model failed, 2 could not do the job, 3 nothing was checked, 4 usage,\n"
    "5 the model crashed, hung or passed its memory limit.";

constexpr std::array kCommands = {
    AddInspectCommand, AddCheckCommand, AddRunCommand,    AddValidateCommand, AddCompareCommand,
    AddDiffCommand,    AddBenchCommand, AddReportCommand, AddPolicyCommand,   AddExplainCommand,
};

std::unique_ptr<CLI::App> MakeApp(Action& action) {
  auto app = std::make_unique<CLI::App>(kDescription, "torchassay");
  app->formatter(std::make_shared<HelpFormatter>());
  app->set_help_flag("-h,--help", "Print this help");
  app->set_version_flag("--version", std::string("torchassay ") + kVersion, "Print the version");
  app->require_subcommand(1);
  app->footer(kFooter);
  // Only for the list: ExecConverter takes the command before anything is parsed.
  app->add_subcommand("convert", "Turn a PyTorch model into a bundle, and find where it diverges");
  for (const AddCommand add : kCommands) add(*app, action);
  return app;
}

ExitCode RunParsed(const std::vector<std::string>& arguments, Surroundings& around) {
  Action action;
  const std::unique_ptr<CLI::App> app = MakeApp(action);
  if (Status status = CheckWords(*app, arguments); !status.ok()) return Complain(status, around);
  try {
    app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes words from the back
  } catch (const CLI::CallForHelp&) {
    around.out << app->help();
    return kExitPassed;
  } catch (const CLI::CallForVersion& version) {
    around.out << version.what() << "\n";
    return kExitPassed;
  } catch (const CLI::ParseError& error) {
    return Complain(UsageStatus(*app, error), around);
  }
  return action(around);
}

}  // namespace

ExitCode RunProgram(const std::vector<std::string>& arguments, Surroundings& around) {
  try {
    if (!arguments.empty() && arguments.front() == "convert") {
      return Complain(ExecConverter({arguments.begin() + 1, arguments.end()}, around), around);
    }
    const ExitCode code = RunParsed(arguments, around);
    if (around.out.flush()) return code;
    return Complain(Status(StatusCode::kUnreadable, "cannot write to the standard output"), around);
  } catch (const std::exception& error) {
    return Complain(Status(StatusCode::kInternal, std::string("internal error: ") + error.what()), around);
  }
}

}  // namespace torchassay
