// The input-spec grammar: `[NAME=]DTYPE[DIM,…][{DOMAIN}][@LAYOUT]`, constants, lists and dict keys.
//
// The converter parses the same grammar; testdata/specs/input_specs.json tests both parsers.

#ifndef VALIDATOR_SIGNATURE_SPEC_H_
#define VALIDATOR_SIGNATURE_SPEC_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "validator/base/status.h"
#include "validator/signature/kinds.h"

namespace torchassay {

// What is wrong with a spec; `position` counts characters (not bytes) from 0.
struct SpecError {
  std::string message;
  std::string help;  // may be empty
  std::size_t position = 0;
};

std::variant<InputSpec, SpecError> ScanInputSpec(std::string_view text);

// The same as a Result: kUsage, TA310, with the text and a caret below the message.
Result<InputSpec> ParseInputSpec(std::string_view text);

// The canonical text, with `path=` in front where there is a path: ParseInputSpec reads it back.
// Sizes that only inference knows print as `*` (free) and `>=32` (open range).
std::string PrintInputSpec(const InputSpec& spec);
std::string PrintValueSpec(const ValueSpec& value);

// "4-D f32[1,3,224,224]", "0-d f32[]", "int", "list of 1..4 items": for messages.
std::string DescribeSpec(const ValueSpec& value);

// How `run` makes the values of an input.
enum class Fill { kOnes, kZeros, kRandn, kRand, kArange };

struct FilledSpec {
  Fill fill = Fill::kRandn;
  InputSpec spec;
};

// `FILL:SPEC`; a spec without a fill is an error that lists the fills, a constant needs none.
Result<FilledSpec> ParseFilledSpec(std::string_view text);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_SPEC_H_
