// The report as JSON, and back: docs/report-format.md describes it, docs/report.schema.json checks it.

#ifndef VALIDATOR_REPORT_JSON_H_
#define VALIDATOR_REPORT_JSON_H_

#include <string>

#include "validator/base/json.h"
#include "validator/base/status.h"
#include "validator/report/report.h"

namespace torchassay {

// The major version of the result format. A reader refuses any other.
constexpr int kReportSchemaVersion = 1;

// Keys sorted, two spaces of indent, a final newline. Everything that changes from run to run stands
// under the one key `time`.
std::string RenderJson(const Report& report);

// Reads what RenderJson wrote; `name` is the file's in messages. Errors:
//   kUnreadable   no JSON, or a member missing or of another kind: with line, column and caret
//   kUnsupported  TA212, written by a newer version
Result<Report> ParseReport(std::string text, const std::string& name);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_JSON_H_
