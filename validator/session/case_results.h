// Turns what the runner found in a bundle's cases into the report's cases and findings.

#ifndef VALIDATOR_SESSION_CASE_RESULTS_H_
#define VALIDATOR_SESSION_CASE_RESULTS_H_

#include <string>
#include <utility>
#include <vector>

#include "validator/manifest/manifest.h"
#include "validator/report/report.h"
#include "validator/wire/job.h"

namespace torchassay {

// Adds the cases to `model`, whose name the findings get, and the findings to `report`. A case of the
// manifest that the runner did not answer for is a finding (TA411), unless the job itself ended early; so are one
// that the manifest does not hold, and a model of which nothing was compared (TA408). Returns whether anything was.
bool AddCaseResults(const JobResult& result, const Manifest& manifest, ModelReport& model, Report& report);

// Path and dtype of every output tensor that some case expects, sorted, each once.
std::vector<std::pair<std::string, DType>> OutputTypes(const Manifest& manifest);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_CASE_RESULTS_H_
