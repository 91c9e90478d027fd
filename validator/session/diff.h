// Diff: how two models differ, without any data. The library that backs `diff`.

#ifndef VALIDATOR_SESSION_DIFF_H_
#define VALIDATOR_SESSION_DIFF_H_

#include <string>

#include "validator/base/status.h"
#include "validator/report/model_diff.h"

namespace torchassay {

struct DiffOptions {
  std::string old_path;  // a `.pt` or a bundle's folder
  std::string new_path;
};

// Weights are streamed: memory does not grow with them. Errors: those of ReadArchive and OpenBundle, for
// either file, and TA203 where a record is damaged: a diff of damaged weights says nothing.
Result<ModelDiff> Diff(const DiffOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_DIFF_H_
