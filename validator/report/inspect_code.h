// The stored code of an archive, as text to read.

#ifndef VALIDATOR_REPORT_INSPECT_CODE_H_
#define VALIDATOR_REPORT_INSPECT_CODE_H_

#include <string>

#include "validator/archive/archive_summary.h"

namespace torchassay {

// Every class and function as it is stored, with the Python line that each statement came from at its right:
//
//   # code/__torch__.py: MyModule
//     def forward(self: __torch__.MyModule,
//         input: Tensor) -> Tensor:
//       if bool(torch.gt(torch.sum(input), 0)):      # my_module.py:7
std::string CodeText(const ArchiveSummary& archive);

// What each module computes, in the tree's order, with plain names and without declarations:
//
//   layer1.0: BasicBlock.forward(Tensor x) -> Tensor
//     identity = …
std::string GraphText(const ArchiveSummary& archive);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_INSPECT_CODE_H_
