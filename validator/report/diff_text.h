// A diff of two models as text that a reviewer reads in a minute.

#ifndef VALIDATOR_REPORT_DIFF_TEXT_H_
#define VALIDATOR_REPORT_DIFF_TEXT_H_

#include <string>

#include "validator/report/model_diff.h"
#include "validator/report/terminal_style.h"

namespace torchassay {

// A summary line, then one table for each kind of difference: + added, - removed, ~ changed.
std::string RenderDiff(const ModelDiff& diff, const TerminalStyle& style);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_DIFF_TEXT_H_
