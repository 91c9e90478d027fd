// A summary in Markdown, for a CI job's page or a pull request.

#ifndef VALIDATOR_REPORT_MARKDOWN_H_
#define VALIDATOR_REPORT_MARKDOWN_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

std::string RenderMarkdown(const Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_MARKDOWN_H_
