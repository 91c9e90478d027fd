// Compare: two tensor files, name by name. The library that backs `compare`.

#ifndef VALIDATOR_SESSION_COMPARE_H_
#define VALIDATOR_SESSION_COMPARE_H_

#include <optional>
#include <string>

#include "validator/base/status.h"
#include "validator/compare/tolerance.h"
#include "validator/report/report.h"

namespace torchassay {

struct CompareFilesOptions {
  std::string actual_path;  // .safetensors, .npy or .npz
  std::string expected_path;
  std::optional<double> rtol;  // absent: that of the dtype
  std::optional<double> atol;  // likewise
  NanPolicy nan_policy = NanPolicy::kNeverEqual;
};

// One model, "ACTUAL against EXPECTED", with one case. A missing or extra tensor, another dtype or shape fail;
// two files without elements come to "nothing checked". Errors: those of TensorFile::Open.
Result<Report> CompareFiles(const CompareFilesOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_COMPARE_H_
