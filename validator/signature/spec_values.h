// Constants and value domains of the input-spec grammar: `0.5`, `"text"`, `{-1..1,nan}`, `{2,3,5}`.

#ifndef VALIDATOR_SIGNATURE_SPEC_VALUES_H_
#define VALIDATOR_SIGNATURE_SPEC_VALUES_H_

#include <string>

#include "validator/signature/kinds.h"
#include "validator/signature/scanner.h"

namespace torchassay {

// An argument that is no tensor and has one legal value.
ScalarSpec ScanConstant(Scanner& scanner);

// The legal values of `type` ("f32", "i64", "int", "str", …); the cursor stands on `{`.
ValueDomain ScanDomain(Scanner& scanner, const std::string& type);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_SPEC_VALUES_H_
