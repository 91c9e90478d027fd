// The report as text for a terminal: the verdict first, then what led to it.

#ifndef VALIDATOR_REPORT_TEXT_H_
#define VALIDATOR_REPORT_TEXT_H_

#include <string>

#include "validator/report/report.h"
#include "validator/report/terminal_style.h"

namespace torchassay {

// A line for each model and one for all of them, then the findings: errors and warnings whole,
// notes as one line each, at most kFindingsShown of either.
//
//   failed   my_module.assay   3 cases (1 failed), 60 elements compared, largest error 2.0e+00
//
//   error[TA101]: …
//     --> my_module.py:12 in `MyModule.forward`
std::string RenderText(const Report& report, const TerminalStyle& style);

// More than anybody reads in a terminal; the other formats hold all.
constexpr int kFindingsShown = 25;

// What the cases of a model covered: "3 cases (1 failed), 60 elements compared, largest error 2.0e+00".
std::string CoverageText(const ModelReport& model);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_TEXT_H_
