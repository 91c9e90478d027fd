// One model in the HTML page: facts, findings, cases, modules, times, files.

#ifndef VALIDATOR_REPORT_HTML_MODEL_H_
#define VALIDATOR_REPORT_HTML_MODEL_H_

#include <string>

#include "validator/report/html_budget.h"
#include "validator/report/html_parts.h"
#include "validator/report/report.h"

namespace torchassay {

// How a model stands on the page: alone, where the page's own heading names it, or as one of several that unfold.
enum class Standing { kAlone, kUnfolded, kFolded };

// The model's section; `anchor` is its id, and the beginning of the ids inside it.
std::string ModelSection(const Report& report, const ModelReport& model, const std::string& anchor, Standing standing,
                         PageBudget& budget);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_MODEL_H_
