// Input specs as JSON: in result files, on the wire, and in the table that tests both parsers.

#ifndef VALIDATOR_SIGNATURE_SPEC_JSON_H_
#define VALIDATOR_SIGNATURE_SPEC_JSON_H_

#include "validator/base/json.h"
#include "validator/signature/kinds.h"

namespace torchassay {

// {"name":"x","kind":"tensor","dtype":"f32","dims":[{"fixed":3}],"values":null,"layout":null}; a size range
// without a largest size has "hi": null.
Json EncodeInputSpec(const InputSpec& spec);
// The inverse. Complains through the node's document.
InputSpec DecodeInputSpec(const JsonNode& node);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_SPEC_JSON_H_
