// The outputs of one case in the HTML page: a table of all, and the statistics of each.

#ifndef VALIDATOR_REPORT_HTML_OUTPUT_H_
#define VALIDATOR_REPORT_HTML_OUTPUT_H_

#include <string>
#include <vector>

#include "validator/report/html_budget.h"
#include "validator/report/report.h"

namespace torchassay {

// A row for each output, whose name leads to its statistics; below them the statistics, unfolded where an output
// failed. `anchor` is the id of the case, the beginning of the ids of its outputs.
std::string OutputTable(const std::vector<OutputReport>& outputs, const std::string& anchor, PageBudget& budget);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_OUTPUT_H_
