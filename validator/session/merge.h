// Merge: many results as one report, for a page over a fleet. Backs `report`.

#ifndef VALIDATOR_SESSION_MERGE_H_
#define VALIDATOR_SESSION_MERGE_H_

#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/report/report.h"

namespace torchassay {

// Reads the results (written by `--json`) and puts their models and findings together. Models of one name get
// the result's file name before theirs; but what `bench` measured joins the model that `validate` checked, where name
// and files agree. Verdicts are taken over, not judged again. Errors: those of ParseReport and of reading; kUsage where
// a file is given twice.
Result<Report> MergeResults(const std::vector<std::string>& paths);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_MERGE_H_
