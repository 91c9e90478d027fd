// One finding in the HTML page, beside its source and its counterexample.

#ifndef VALIDATOR_REPORT_HTML_FINDING_H_
#define VALIDATOR_REPORT_HTML_FINDING_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

// `case_anchor` is the id of the section of its case, "" where there is none; `level` that of its heading.
std::string FindingCard(const ReportedFinding& reported, const std::string& case_anchor, int level);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_FINDING_H_
