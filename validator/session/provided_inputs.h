// The inputs of a command line, parsed and opened before anything is loaded.

#ifndef VALIDATOR_SESSION_PROVIDED_INPUTS_H_
#define VALIDATOR_SESSION_PROVIDED_INPUTS_H_

#include <optional>
#include <string>
#include <vector>

#include "validator/base/status.h"
#include "validator/signature/provided.h"
#include "validator/tensor/tensor_file.h"

namespace torchassay {

// `provided` may point into `file`, which this keeps open.
struct ProvidedInputs {
  std::vector<Provided> provided;
  std::optional<TensorFile> file;
};

// From specs or from a tensor file, whichever is given. kUsage (TA310) for a malformed spec; errors of
// TensorFile::Open.
Result<ProvidedInputs> ParseInputs(const std::vector<std::string>& specs, const std::string& path);

// "f32[20], n=2": for a reader.
std::string DescribeInputs(const std::vector<Provided>& provided);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_PROVIDED_INPUTS_H_
