// CompareWeights: the tensors of two archives, matched by path, compared element by element in chunks.

#ifndef VALIDATOR_SESSION_WEIGHT_DIFF_H_
#define VALIDATOR_SESSION_WEIGHT_DIFF_H_

#include <string>

#include "validator/archive/archive_summary.h"
#include "validator/base/status.h"
#include "validator/report/model_diff.h"

namespace torchassay {

// Fills in `weights` and `equal_weights` of `diff`. Equal means equal bit by bit: a NaN equals the same NaN, and
// -0 is not 0.
Status CompareWeights(const std::string& old_path, const ArchiveSummary& before, const std::string& new_path,
                      const ArchiveSummary& after, ModelDiff& diff);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_WEIGHT_DIFF_H_
