// LibTorch's error texts, cut to the fact: what is wrong, and where in the model's source.

#ifndef VALIDATOR_RUNNER_ERROR_TEXT_H_
#define VALIDATOR_RUNNER_ERROR_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

namespace torchassay {

struct ErrorFact {
  std::string reason;     // "size mismatch, got input (10), mat (10x20), vec (150528)"
  std::string file;       // base name, "" where unknown; "code/__torch__/m.py" where only that is known
  int line = 0;           // 0 where unknown
  std::string function;   // "forward"
  std::string statement;  // the source line, trimmed
};

// `text` is the what() of an exception: a TorchScript stack, a c10 error or anything else.
ErrorFact CutError(std::string_view text);

// "reason (file:line: `statement`)"; only the parts that are known.
std::string FactText(const ErrorFact& fact);

// Whether the text says that memory could not be had.
bool SpeaksOfMemory(std::string_view text);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_ERROR_TEXT_H_
