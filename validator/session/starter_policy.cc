#include "validator/session/starter_policy.h"

#include "validator/gate/starter_policy.h"
#include "validator/session/judging.h"

namespace torchassay {

Result<std::string> StarterPolicyFor(const std::string& path) {
  const Result<Report> result = ReadResult(path);
  if (!result.ok()) return result.status();
  return StarterPolicy(*result);
}

}  // namespace torchassay
