// One finding in the house format: heading, place, source line, evidence, notes, help.
//
//   error[TA401]: output `logits` differs from its reference
//     --> resnet18.assay: case `sampled-3`
//      mismatched   37 of 4000 elements (0.9 %), none NaN
//      worst        at [2, 117]: expected 0.412837, got 0.413147, allowed 1.1e-05
//      = help: find the first differing submodule with `--localise`

#ifndef VALIDATOR_REPORT_FINDING_TEXT_H_
#define VALIDATOR_REPORT_FINDING_TEXT_H_

#include <string>
#include <vector>

#include "validator/base/finding.h"
#include "validator/base/status.h"
#include "validator/report/report.h"
#include "validator/report/terminal_style.h"

namespace torchassay {

// The whole text, with a final newline.
std::string FindingText(const ReportedFinding& reported, const TerminalStyle& style);

// The same for a failure of ours.
std::string StatusText(const Status& status, const TerminalStyle& style);

// Where it is: "my_module.py:12 in `MyModule.forward`", else the finding's own subject, else
// the names of model, case and output. May be empty.
std::string PlaceText(const ReportedFinding& reported);

// The file of the finding's source from the working folder, where it was found there; else as the finding names it.
// REQUIRES: the finding has a file.
std::string SourcePath(const ReportedFinding& reported);

// The evidence of the finding, then what its fields say: baked value, dropped lines, counterexample.
std::vector<Evidence> AllEvidence(const ReportedFinding& reported);

// "15", "15-17, 20": line numbers with runs joined.
std::string LinesText(const std::vector<int>& lines);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_FINDING_TEXT_H_
