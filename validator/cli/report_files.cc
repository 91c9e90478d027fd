#include "validator/cli/report_files.h"

#include <ostream>
#include <utility>

#include "validator/base/file.h"
#include "validator/cli/command.h"
#include "validator/report/html.h"
#include "validator/report/json.h"
#include "validator/report/junit.h"
#include "validator/report/markdown.h"
#include "validator/report/sarif.h"
#include "validator/report/text.h"

namespace torchassay {
namespace {

struct Format {
  const char* option;
  std::string ReportFiles::* path;
  std::string (*render)(const Report&);
  const char* help;
};

constexpr Format kFormats[] = {
    {"--json", &ReportFiles::json, RenderJson, "Write the whole result as JSON"},
    {"--junit", &ReportFiles::junit, RenderJunit, "Write JUnit XML, for CI servers"},
    {"--sarif", &ReportFiles::sarif, RenderSarif, "Write SARIF 2.1.0, for code scanning"},
    {"--markdown", &ReportFiles::markdown, RenderMarkdown, "Write a summary in Markdown"},
    {"--html", &ReportFiles::html, RenderHtml, "Write one self-contained page"},
};

bool WritesToOutput(const ReportFiles& files) {
  for (const Format& format : kFormats) {
    if (files.*format.path == "-") return true;
  }
  return false;
}

}  // namespace

void AddReportFiles(CLI::App& command, ReportFiles& files) {
  for (const Format& format : kFormats) {
    command.add_option(format.option, files.*format.path, format.help)->type_name("FILE");
  }
}

Status WriteReportFiles(const Report& report, const ReportFiles& files, Surroundings& around) {
  for (const Format& format : kFormats) {
    const std::string& path = files.*format.path;
    if (path.empty()) continue;
    const std::string text = format.render(report);
    if (path == "-") {
      around.out << text;
    } else if (Status status = WriteFileAtomically(path, text); !status.ok()) {
      return status;
    }
  }
  return Status();
}

ExitCode Finish(Report report, const ReportFiles& files, Surroundings& around) {
  report.created = around.created;
  if (!WritesToOutput(files)) around.out << RenderText(report, around.out_style);
  if (Status status = WriteReportFiles(report, files, around); !status.ok()) return Complain(status, around);
  return ExitCodeOf(report.verdict);
}

ExitCode Finish(Report report, bool as_json, Surroundings& around) {
  ReportFiles files;
  if (as_json) files.json = "-";
  return Finish(std::move(report), files, around);
}

}  // namespace torchassay
