// An inspection as text for a terminal.

#ifndef VALIDATOR_REPORT_INSPECT_TEXT_H_
#define VALIDATOR_REPORT_INSPECT_TEXT_H_

#include <string>

#include "validator/report/inspection.h"
#include "validator/report/terminal_style.h"

namespace torchassay {

// Heading, summary, the view's own part, then the findings. Ends with a newline.
//
//   resnet18.pt: TorchScript, traced, 44.7 MiB, PyTorch 2.1 or later
//     forward(Tensor x) -> Tensor
//       traced with f32[1,3,224,224]
//     68 modules, 122 tensors, 11,689,512 parameters: f32 44.7 MiB, i64 160 bytes
//     the checksums of all 365 records are right
std::string RenderInspection(const Inspection& inspection, InspectView view, const TerminalStyle& style);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_INSPECT_TEXT_H_
