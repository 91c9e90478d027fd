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

// Ends as one run that made all the results would have ended.
ExitCode RunReport(const Options& options, Surroundings& around) {
  if (!AnyWanted(options.files)) {
    return Complain(Status(StatusCode::kUsage, "", "`report` needs `--html FILE`, or a file of another format",
                           "see `torchassay report --help`"),
                    around);
  }
  if (Status status = CheckReportFiles(options.files, {}); !status.ok()) return Complain(status, around);
  Result<Report> report = MergeResults(options.paths);
  if (!report.ok()) return Complain(report.status(), around);
  return Finish(std::move(*report), options.files, around);
}

}  // namespace

void AddReportCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = NewCommand(app, action, "report", "Put many results on one page",
                                 [options](Surroundings& around) { return RunReport(*options, around); });
  command->add_option("RESULT.json", options->paths, "Results that `--json` of validate, check, compare or bench wrote")
      ->required()
      ->type_name("");
  AddReportFiles(*command, options->files);
  command->footer(
      "At least one of the files must be asked for.\n"
      "The exit status is that of one run with all these results: 5, 2, 1, 3 or 0, the first that occurs.\n"
      "Example: torchassay report results/*.json --html fleet.html");
}

}  // namespace torchassay
