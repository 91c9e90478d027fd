// Parts of a report that several commands fill in the same way.

#ifndef VALIDATOR_SESSION_REPORT_PARTS_H_
#define VALIDATOR_SESSION_REPORT_PARTS_H_

#include <string>
#include <vector>

#include "validator/archive/archive.h"
#include "validator/base/finding.h"
#include "validator/manifest/manifest.h"
#include "validator/report/report.h"
#include "validator/wire/job.h"

namespace torchassay {

// Which LibTorch gave this result, and where; a result of a runner that died does not say.
void DescribeRuntime(const JobResult& result, const std::string& device, Report& report);

// A report with its command and the environment of this build; the clock is the caller's.
Report NewReport(const std::string& command);

// Appends a finding that fails as it does by default.
void AddFinding(Report& report, const std::string& model, Finding finding);

// Where the model comes from, and which files the result depends on, the model's own first.
void DescribeOrigin(const Manifest& manifest, ModelReport& model);

// The module tree with the parameters in and below each module.
std::vector<ModuleReport> ModuleTree(const ArchiveSummary& archive);

// What a job that did not finish comes to: TA501 to TA506, from the outcome and its detail. Where the
// runner has already reported it, nothing.
std::vector<Finding> FindingsOfOutcome(const JobResult& result);

// Everything that a job found: its own findings, then those of its outcome.
std::vector<Finding> FindingsOf(const JobResult& result);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_REPORT_PARTS_H_
