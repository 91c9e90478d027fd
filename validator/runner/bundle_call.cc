#include "validator/runner/bundle_call.h"

#include <algorithm>

#include "validator/runner/model.h"

namespace torchassay {

Bundle OpenBundleOrThrow(const std::string& path) {
  Result<Bundle> bundle = OpenBundle(path);
  if (!bundle.ok()) {
    throw ModelError(Outcome::kUnusable, bundle.status().finding_code(), bundle.status().message());
  }
  return *std::move(bundle);
}

BundleCall::BundleCall(const Bundle& bundle, const CaseCall& call) : values_{call.args, call.kwargs} {
  if (call.file.empty()) return;
  Result<TensorFile> file = TensorFile::Open(bundle.PathOf(call.file));
  if (!file.ok()) throw ModelError(Outcome::kUnusable, file.status().finding_code(), file.status().message());
  file_.emplace(*std::move(file));
}

Arguments BundleCall::Make(const c10::FunctionSchema& schema, at::Device device) const {
  CaseTensors tensors(this->tensors(), device);
  return ToArguments(values_, schema, [&](const TensorRef& tensor) { return tensors(tensor); });
}

const TensorSource& BundleCall::tensors() const {
  if (file_) return *file_;
  return nothing_;
}

ToleranceTable::ToleranceTable(const Job& job, const Manifest& manifest) {
  for (const TypedTolerance& entry : job.tolerances) entries_.push_back({entry.output, entry.dtype, entry.tolerance});
  for (const OutputTolerance& entry : manifest.tolerances) {
    entries_.push_back({entry.output, std::nullopt, {entry.rtol, entry.atol}});
  }
}

ToleranceOf ToleranceTable::Lookup() const {
  return [this](const std::string& path, DType dtype) {
    for (const Entry& entry : entries_) {
      const bool fits = (entry.output.empty() || entry.output == path) && (!entry.dtype || entry.dtype == dtype);
      if (fits) return entry.tolerance;
    }
    return DefaultTolerance(dtype);
  };
}

Tolerance ToleranceTable::Loosest(DType dtype) const {
  Tolerance loosest = DefaultTolerance(dtype);
  if (!IsFloating(dtype) && !IsComplex(dtype)) return loosest;
  for (const Entry& entry : entries_) {
    loosest = {std::max(loosest.rtol, entry.tolerance.rtol), std::max(loosest.atol, entry.tolerance.atol)};
  }
  return loosest;
}

}  // namespace torchassay
