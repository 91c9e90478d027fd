// One output in the HTML page: its statistics, histogram of errors and worst elements.

#ifndef VALIDATOR_REPORT_HTML_OUTPUT_H_
#define VALIDATOR_REPORT_HTML_OUTPUT_H_

#include <string>
#include <vector>

#include "validator/report/report.h"

namespace torchassay {

// The rows of a case's table of outputs: a summary row each and, where there is more to see, one that unfolds.
std::string OutputRows(const std::vector<OutputReport>& outputs);

// "ok", "failed": a verdict as a coloured word.
std::string PassedBadge(bool passed);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_OUTPUT_H_
