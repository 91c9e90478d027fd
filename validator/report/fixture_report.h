// One report that has something of everything: the renderers' golden files are made from it.

#ifndef VALIDATOR_REPORT_FIXTURE_REPORT_H_
#define VALIDATOR_REPORT_FIXTURE_REPORT_H_

#include "validator/report/report.h"

namespace torchassay {

// Five models: passed, failed in an output and by a proved divergence, stale, crashed, nothing checked; with
// names and texts that every format must escape.
Report FixtureReport();

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_FIXTURE_REPORT_H_
