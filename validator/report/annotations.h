// What a run found as annotations of a GitHub workflow: `::error file=…,line=…::…` beside the source line.

#ifndef VALIDATOR_REPORT_ANNOTATIONS_H_
#define VALIDATOR_REPORT_ANNOTATIONS_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

// GitHub shows so many errors of a step, and as many warnings.
constexpr int kAnnotationsShown = 10;

// A line for each finding that fails, and then for each that is possible or a warning; what is dismissed, repaired,
// waived or only a note needs nobody's attention. `""` where there is nothing to say.
std::string RenderAnnotations(const Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_ANNOTATIONS_H_
