// One self-contained page: verdict first, then what differs, where and by how much.

#ifndef VALIDATOR_REPORT_HTML_H_
#define VALIDATOR_REPORT_HTML_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

std::string RenderHtml(const Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_H_
