// Describe: which inputs a model file takes, asked of the model itself. The library that backs `inspect --signature`.

#ifndef VALIDATOR_SESSION_DESCRIBE_H_
#define VALIDATOR_SESSION_DESCRIBE_H_

#include <cstdint>
#include <string>

#include "validator/base/status.h"
#include "validator/report/inspection.h"
#include "validator/session/model_file.h"
#include "validator/session/runner.h"

namespace torchassay {

struct DescribeOptions {
  std::string path;    // a `.pt` or a bundle's folder, whose `model.pt` is judged bare
  std::string method;  // "" is the bundle's own, or forward
  LoadOptions load;
  double timeout_s = 300;         // 0: none
  std::int64_t memory_bytes = 0;  // 0: what the machine has to spare
};

// Adds the signature to what was read without running, and what stood in the way as findings (TA309, TA5xx), which
// the verdict then follows. Unlike the rest of an inspection it loads the model: kRefused (TA207, TA208) where that
// would run its author's code and `trust` was not given.
Status DescribeInputs(const DescribeOptions& options, Runner& runner, Inspection& inspection);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_DESCRIBE_H_
