// LibTorch's error texts, cut to the fact: what is wrong, and where in the model's source.

#ifndef VALIDATOR_RUNNER_ERROR_TEXT_H_
#define VALIDATOR_RUNNER_ERROR_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "validator/runner/source_frame.h"

namespace torchassay {

struct ErrorFact {
  std::string reason;               // "size mismatch, got input (10), mat (10x20), vec (150528)"
  std::vector<SourceFrame> frames;  // the innermost first; none where unknown
};

// `text` is the what() of an exception: a TorchScript stack, a c10 error or anything else.
ErrorFact CutError(std::string_view text);

// "reason (net.py:9: `y = self.conv(x)`, in conv.py:560)"; only the parts that are known.
std::string FactText(const ErrorFact& fact);

// Whether the text says that memory could not be had.
bool SpeaksOfMemory(std::string_view text);
// Of such a text: "the model asked for more memory than there is: 1.1 TiB at once (net.py:9: …)".
std::string MemoryText(std::string_view text);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_ERROR_TEXT_H_
