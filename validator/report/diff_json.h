// A diff of two models as JSON, with keys that stay.

#ifndef VALIDATOR_REPORT_DIFF_JSON_H_
#define VALIDATOR_REPORT_DIFF_JSON_H_

#include <string>

#include "validator/report/model_diff.h"

namespace torchassay {

constexpr int kDiffSchemaVersion = 1;

// One object: schema_version, command, old, new, equal, signature, modules, attributes, operators, code (each a
// list of {change, name, before, after}), equal_weights, weights.
std::string RenderDiffJson(const ModelDiff& diff);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_DIFF_JSON_H_
