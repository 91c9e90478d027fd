// The module tree in the HTML page: sizes, and where an error starts.

#ifndef VALIDATOR_REPORT_HTML_MODULES_H_
#define VALIDATOR_REPORT_HTML_MODULES_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

// A row for each module, indented below its parent; a column of errors where submodules were compared.
// "" where nothing is known of the modules.
std::string ModuleTable(const ModelReport& model);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_MODULES_H_
