// The lines of a model's source around a finding, where the very file that was converted is at hand.

#ifndef VALIDATOR_SESSION_SOURCE_EXCERPT_H_
#define VALIDATOR_SESSION_SOURCE_EXCERPT_H_

#include <optional>
#include <string>
#include <string_view>

#include "validator/base/finding.h"
#include "validator/manifest/bundle.h"
#include "validator/report/report.h"

namespace torchassay {

// A model's source as it was converted.
struct ModelSource {
  std::string path;  // from the working folder, "" where it lies outside of it
  std::string text;
};

// Looks for the file that was converted: in the working folder, beside and above the bundle, then anywhere below the
// working folder. Only the model's own source counts, and only with the hash that the manifest recorded: other lines
// would mislead.
std::optional<ModelSource> FindModelSource(const Bundle& bundle);

// The finding's lines of that source; absent where it stands in another file.
std::optional<SourceExcerpt> ExcerptFor(const Finding& finding, const Bundle& bundle, const ModelSource& source);

// Lines `first` to `last` (from 1) with a few around them; absent where the text is shorter.
std::optional<SourceExcerpt> CutExcerpt(std::string_view text, int first, int last);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_SOURCE_EXCERPT_H_
