// The formats that a result can be written in, as options of a command.

#ifndef VALIDATOR_CLI_REPORT_FILES_H_
#define VALIDATOR_CLI_REPORT_FILES_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/cli/exit_code.h"
#include "validator/cli/surroundings.h"
#include "validator/report/report.h"

namespace torchassay {

// A path for each format, "" for not wanted; "-" is the standard output, in place of the text.
struct ReportFiles {
  std::string json, junit, sarif, markdown, html;
  std::string annotations = "never";  // for GitHub: "always", "never", or "auto": where a workflow runs us
};

// --json FILE, --junit FILE, --sarif FILE, --markdown FILE, --html FILE.
void AddReportFiles(CLI::App& command, ReportFiles& files);
// --annotations WHEN; "auto" where it is not given.
void AddAnnotations(CLI::App& command, ReportFiles& files);

// OK where every file has a path of its own, and none is one of `inputs`: else one result would replace another, or
// what it was made from.
Status CheckReportFiles(const ReportFiles& files, const std::vector<std::string>& inputs);

// Writes each file that is wanted. Errors: those of WriteFileAtomically.
Status WriteReportFiles(const Report& report, const ReportFiles& files, Surroundings& around);

// Whether any file is wanted.
bool AnyWanted(const ReportFiles& files);

// Shows the report as text and annotations, writes the files, and says how the command ends.
ExitCode Finish(Report report, const ReportFiles& files, Surroundings& around);

// The same for commands whose `--json` is a switch: JSON in place of the text.
ExitCode Finish(Report report, bool as_json, Surroundings& around);

// Complain; `as_json` also prints a result of `command` with the failure as its one finding, so that whoever reads JSON
// is told as well.
ExitCode Complain(const Status& status, const std::string& command, bool as_json, Surroundings& around);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_REPORT_FILES_H_
