// ParsePickle: reads a pickle into inert values. There is no code path from a pickle to a call.

#ifndef VALIDATOR_ARCHIVE_PICKLE_MACHINE_H_
#define VALIDATOR_ARCHIVE_PICKLE_MACHINE_H_

#include <cstddef>
#include <span>

#include "validator/archive/limits.h"
#include "validator/archive/pickle_value.h"
#include "validator/base/status.h"

namespace torchassay {

// Reads one pickle from the start of `bytes`, up to its STOP. The opcodes are a closed list: those that
// torch.jit.save and torch.save have ever written. Errors, each with the byte where it stands:
//   TA204  an opcode outside the list, a value missing from the stack or the memo, an early end
//   TA205  more values or deeper nesting than `limits` allow
Result<PickleTree> ParsePickle(std::span<const std::byte> bytes, const ArchiveLimits& limits);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_PICKLE_MACHINE_H_
