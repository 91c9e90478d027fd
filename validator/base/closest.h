// Finds the name that was probably meant.

#ifndef VALIDATOR_BASE_CLOSEST_H_
#define VALIDATOR_BASE_CLOSEST_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace torchassay {

// The candidate that the fewest insertions, deletions, replacements and swaps of neighbours make of
// `word`, ignoring case; the first of several. Absent where none is near: more than a third of the
// word would change, and neither is the beginning of the other.
std::optional<std::string> ClosestMatch(std::string_view word, std::span<const std::string> candidates);

// "did you mean `logits`?", or "" where no candidate is near: a help text.
std::string DidYouMean(std::string_view word, std::span<const std::string> candidates);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_CLOSEST_H_
