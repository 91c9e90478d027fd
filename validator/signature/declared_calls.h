// The calls that stand for all that a caller declares: a range of sizes is legal only if every size of it is.

#ifndef VALIDATOR_SIGNATURE_DECLARED_CALLS_H_
#define VALIDATOR_SIGNATURE_DECLARED_CALLS_H_

#include <span>
#include <string>
#include <vector>

#include "validator/signature/provided.h"

namespace torchassay {

struct DeclaredCall {
  std::vector<Provided> provided;  // every range and choice replaced by one of its values
  std::string where;               // how it differs from the first call: "`W` is 33"; "" for that itself
};

// First everything at its smallest, then all at their largest, then one size, number, choice, key or item at a time:
// next to its ends and in its middle, where a call that is only legal for every second size is refused. A symbol has
// one size in all places; its range may be given in any of them, and without one it is 1. At most kMostDeclaredCalls.
std::vector<DeclaredCall> DeclaredCalls(std::span<const Provided> provided);

constexpr std::size_t kMostDeclaredCalls = 32;

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_DECLARED_CALLS_H_
