// One model in the HTML page: verdict, findings, cases, modules, times, files.

#ifndef VALIDATOR_REPORT_HTML_MODEL_H_
#define VALIDATOR_REPORT_HTML_MODEL_H_

#include <string>
#include <string_view>

#include "validator/report/report.h"

namespace torchassay {

enum class Unfolding { kOpen, kClosed };

// The model's section; `anchor` is its id, and the beginning of the ids inside it.
std::string ModelSection(const Report& report, const ModelReport& model, const std::string& anchor,
                         Unfolding unfolding);

// The verdict as a coloured word.
std::string VerdictBadge(ModelVerdict verdict);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_MODEL_H_
