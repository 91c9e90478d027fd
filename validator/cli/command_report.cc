#include "validator/cli/command_report.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "validator/cli/report_files.h"
#include "validator/session/merge.h"

namespace torchassay {
namespace {

struct Options {
  std::vector<std::string> paths;
  ReportFiles files;
};

// The page was asked for, and is written: that a model failed long ago is no failure of this command.
ExitCode RunReport(const Options& options, Surroundings& around) {
  Result<Report> report = MergeResults(options.paths);
  if (!report.ok()) return Complain(report.status(), around);
  report->created = around.created;
  const Status status = WriteReportFiles(*report, options.files, around);
  return status.ok() ? kExitPassed : Complain(status, around);
}

}  // namespace

void AddReportCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      NewCommand(app, action, "report", "Put many results on one page",
                 [options](Surroundings& around) { return RunReport(*options, around); });
  command->add_option("RESULT.json", options->paths, "Results that `validate --json` wrote")
      ->required()
      ->type_name("");
  command->add_option("--html", options->files.html, "The page to write")->required()->type_name("FILE");
  command->footer("Exit status 0 once the page is written, whatever the results say.\n"
                  "Example: torchassay report results/*.json --html fleet.html");
}

}  // namespace torchassay
