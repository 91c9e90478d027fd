// The lines of a model's source around a finding, where the very file that was converted is at hand.

#ifndef VALIDATOR_SESSION_SOURCE_EXCERPT_H_
#define VALIDATOR_SESSION_SOURCE_EXCERPT_H_

#include <optional>
#include <string_view>

#include "validator/base/finding.h"
#include "validator/manifest/bundle.h"
#include "validator/report/report.h"

namespace torchassay {

// Looks for the finding's file in the working folder, and in and above the bundle's. Only the model's own
// source counts, and only with the hash that the manifest recorded: other lines would mislead.
std::optional<SourceExcerpt> FindExcerpt(const Bundle& bundle, const Finding& finding);

// Lines `first` to `last` (from 1) with a few around them; absent where the text is shorter.
std::optional<SourceExcerpt> CutExcerpt(std::string_view text, int first, int last);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_SOURCE_EXCERPT_H_
