// Explain: what a finding's code means, and how to mend it. Backs `explain`.

#ifndef VALIDATOR_SESSION_EXPLAIN_H_
#define VALIDATOR_SESSION_EXPLAIN_H_

#include <string>

#include "validator/base/status.h"
#include "validator/report/terminal_style.h"

namespace torchassay {

// The catalogue's entry for a code or its name. kUsage, with a suggestion, where there is none.
Result<std::string> Explain(const std::string& code_or_name, const TerminalStyle& style);

// One line for each code.
std::string ListCodes(const TerminalStyle& style);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_EXPLAIN_H_
