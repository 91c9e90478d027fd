// One finding in the HTML page, beside its source and its counterexample.

#ifndef VALIDATOR_REPORT_HTML_FINDING_H_
#define VALIDATOR_REPORT_HTML_FINDING_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

// `case_anchor` is the id of the counterexample's section, "" where there is none.
std::string FindingCard(const ReportedFinding& reported, const std::string& case_anchor);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_FINDING_H_
