// SARIF 2.1.0, for code scanning: a divergence stands at its line of the model's source.

#ifndef VALIDATOR_REPORT_SARIF_H_
#define VALIDATOR_REPORT_SARIF_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

std::string RenderSarif(const Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_SARIF_H_
