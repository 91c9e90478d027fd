// One call of a bundle's case, opened: its tensors mapped, its arguments ready to be made.
//
// Includes LibTorch; throws ModelError and UnusableInput.

#ifndef VALIDATOR_RUNNER_BUNDLE_CALL_H_
#define VALIDATOR_RUNNER_BUNDLE_CALL_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "validator/compare/compare_values.h"
#include "validator/manifest/bundle.h"
#include "validator/runner/values.h"
#include "validator/wire/job.h"

namespace torchassay {

// kUnusable where the bundle cannot be opened.
Bundle OpenBundleOrThrow(const std::string& path);

class BundleCall final {
 public:
  BundleCall(const Bundle& bundle, const CaseCall& call);

  Arguments Make(const c10::FunctionSchema& schema, at::Device device) const;
  const TensorSource& tensors() const;

 private:
  CallValues values_;
  std::optional<TensorFile> file_;
  TensorTable nothing_;
};

// Tolerances by output path: the job's before the manifest's before the dtype's default.
class ToleranceTable final {
 public:
  ToleranceTable(const Job& job, const Manifest& manifest);
  // Valid as long as this table.
  ToleranceOf Lookup() const;
  // The largest of all entries and the dtype's default, which is exact for integers: what may happen on the way to an
  // output that is allowed so much.
  Tolerance Loosest(DType dtype) const;

 private:
  struct Entry {
    std::string output;          // "" for every output
    std::optional<DType> dtype;  // absent for every one
    Tolerance tolerance;
  };
  std::vector<Entry> entries_;  // the first that fits counts
};

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_BUNDLE_CALL_H_
