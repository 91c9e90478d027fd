#include "validator/cli/report_files.h"

#include <algorithm>
#include <iterator>
#include <ostream>
#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/cli/command.h"
#include "validator/report/annotations.h"
#include "validator/report/html.h"
#include "validator/report/json.h"
#include "validator/report/junit.h"
#include "validator/report/markdown.h"
#include "validator/report/sarif.h"
#include "validator/report/text.h"
#include "validator/session/report_parts.h"

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

// The standard output, unless a file goes there: GitHub reads commands from both streams.
void Annotate(const Report& report, const ReportFiles& files, bool output_is_taken, Surroundings& around) {
  if (files.annotations == "never" || (files.annotations == "auto" && !around.in_github_workflow)) return;
  (output_is_taken ? around.err : around.out) << RenderAnnotations(report);
}

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

void AddAnnotations(CLI::App& command, ReportFiles& files) {
  files.annotations = "auto";
  command
      .add_option(
          "--annotations", files.annotations,
          "Mark source lines in a GitHub workflow: always, never or auto (default: auto, where GITHUB_ACTIONS is true)")
      ->type_name("WHEN")
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            const bool known = text == "auto" || text == "always" || text == "never";
            return known ? "" : "expected `auto`, `always` or `never`, got " + Quote(text);
          },
          "", "when"));
}

bool AnyWanted(const ReportFiles& files) {
  return std::any_of(std::begin(kFormats), std::end(kFormats),
                     [&](const Format& format) { return !(files.*format.path).empty(); });
}

Status CheckReportFiles(const ReportFiles& files, const std::vector<std::string>& inputs) {
  std::vector<std::string> taken;
  for (const std::string& input : inputs) {
    if (!input.empty()) taken.push_back(AbsolutePath(input));
  }
  for (const Format& format : kFormats) {
    const std::string& path = files.*format.path;
    if (path.empty() || path == "-" || RealFileSystem().Kind(path) == FileKind::kOther) continue;
    const std::string absolute = AbsolutePath(path);
    if (std::ranges::find(taken, absolute) != taken.end()) {
      return Status(StatusCode::kUsage, "", "a result would replace " + Quote(path) + ", which is given as well",
                    "write each result to a file of its own");
    }
    taken.push_back(absolute);
  }
  return Status();
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
  const bool output_is_taken = WritesToOutput(files);
  if (!output_is_taken) around.out << RenderText(report, around.out_style);
  Annotate(report, files, output_is_taken, around);
  if (Status status = WriteReportFiles(report, files, around); !status.ok()) return Complain(status, around);
  return ExitCodeOf(report.verdict);
}

ExitCode Finish(Report report, bool as_json, Surroundings& around) {
  ReportFiles files;
  if (as_json) files.json = "-";
  return Finish(std::move(report), files, around);
}

ExitCode Complain(const Status& status, const std::string& command, bool as_json, Surroundings& around) {
  if (as_json && status.code() != StatusCode::kUsage) {
    Report report = NewReport(command);
    report.created = around.created;
    AddFinding(report, "", FindingFromStatus(status));
    Judge(report);
    around.out << RenderJson(report);
  }
  return Complain(status, around);
}

}  // namespace torchassay
