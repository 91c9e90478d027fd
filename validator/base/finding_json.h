// A Finding as JSON: in manifests, in result files and on the wire, with the same keys everywhere.

#ifndef VALIDATOR_BASE_FINDING_JSON_H_
#define VALIDATOR_BASE_FINDING_JSON_H_

#include "validator/base/finding.h"
#include "validator/base/json.h"

namespace torchassay {

// Keys are the members' names. Those that every reader may rely on (code, verdict, severity, message,
// help and all of a source place) are always there, null where there is nothing to say; the rest only
// where it says something.
Json EncodeFinding(const Finding& finding);
// The inverse; keys that are not known are ignored. Complains through the node's document.
Finding DecodeFinding(const JsonNode& node);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_FINDING_JSON_H_
