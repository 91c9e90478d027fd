#include "validator/base/status.h"

namespace torchassay {

Status Status::WithContext(const std::string& context) const {
  return Status(code_, finding_code_, context + ": " + message_, help_);
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  std::string text = finding_code_.empty() ? "error: " : "error[" + finding_code_ + "]: ";
  text += message_;
  if (!help_.empty()) text += "\n = help: " + help_;
  return text;
}

}  // namespace torchassay
