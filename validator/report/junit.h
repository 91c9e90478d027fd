// JUnit XML, as Jenkins, GitLab and GitHub read it: a suite for each model, a test for each case.

#ifndef VALIDATOR_REPORT_JUNIT_H_
#define VALIDATOR_REPORT_JUNIT_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

std::string RenderJunit(const Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_JUNIT_H_
