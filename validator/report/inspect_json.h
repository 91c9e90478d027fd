// An inspection as JSON, with keys that stay.

#ifndef VALIDATOR_REPORT_INSPECT_JSON_H_
#define VALIDATOR_REPORT_INSPECT_JSON_H_

#include <string>

#include "validator/report/inspection.h"

namespace torchassay {

constexpr int kInspectSchemaVersion = 1;

// One object: schema_version, file, kind, format_version, producer, bytes, checksums, summary, signature, modules,
// tensors, classes, operators, traced_inputs, devices, records, risks, findings, verdict; and, of a bundle,
// manifest. The text of the code stands in `classes[].methods[].code` for the views that show it.
std::string RenderInspectionJson(const Inspection& inspection, InspectView view);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_INSPECT_JSON_H_
