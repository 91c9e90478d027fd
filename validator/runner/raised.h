// Raised: whether an exception of the TorchScript model is the one that the Python model raised.
//
// TorchScript keeps the class of an exception that the model's own code raises with a message. It loses the class of
// one that an operator raises, and words it in its own way; a trace holds no `raise` at all. docs/bundle-format.md
// states the rule for users.

#ifndef VALIDATOR_RUNNER_RAISED_H_
#define VALIDATOR_RUNNER_RAISED_H_

#include <string>
#include <string_view>

#include "validator/manifest/manifest.h"

namespace torchassay {

// What the converted model raised.
struct ActualError {
  std::string type;     // "ValueError"; "" where TorchScript lost it
  std::string message;  // without its class
};

// `qualified` is the class that LibTorch names ("builtins.ValueError"), or "". Without one, the class that `message`
// itself begins with ("AssertionError: five dims", "KeyError: b").
ActualError MakeActualError(std::string_view qualified, std::string_view message);

enum class RaisedMatch {
  kSame,        // as far as TorchScript keeps it
  kOtherWords,  // it may be the same: the class agrees or was lost, the words differ
  kUnrelated,   // both refuse, and nothing says that it is for the same reason
  kOtherClass,  // the model raised something else
};

// `keeps_raises`: the model was scripted, so an exception of the Python's own code must still be one.
RaisedMatch MatchRaised(const Raises& expected, const ActualError& actual, bool keeps_raises);

// "ValueError: bad k", "AssertionError", "size mismatch": for messages, in which a class stands without its module.
std::string RaisedText(std::string_view type, const std::string& message);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_RAISED_H_
