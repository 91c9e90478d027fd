// ScanCode: the classes, fields, methods and schemas of one code/*.py record.
//
// TorchScript prints its code in one regular form (two spaces a level, types always written), so that a
// scanner of lines is enough; nothing here understands statements, and nothing is evaluated.

#ifndef VALIDATOR_ARCHIVE_CODE_SCANNER_H_
#define VALIDATOR_ARCHIVE_CODE_SCANNER_H_

#include <string>
#include <string_view>
#include <vector>

#include "validator/archive/code.h"

namespace torchassay {

struct CodeUnit {
  std::vector<ClassCode> classes;
  std::vector<Method> functions;  // named with their module: "__torch__.torch.nn.functional.relu"
};

// `record` is the relative name, "code/__torch__/a.py"; it gives the qualified names. Lines that fit
// nothing known are passed over.
CodeUnit ScanCode(const std::string& record, std::string_view text);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_CODE_SCANNER_H_
