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

ToleranceTable::ToleranceTable(const Job& job, const Manifest& manifest) : entries_(job.tolerances) {
  for (const OutputTolerance& entry : manifest.tolerances) {
    entries_.push_back({entry.output, {entry.rtol, entry.atol}});
  }
}

ToleranceOf ToleranceTable::Lookup() const {
  return [this](const std::string& path, DType dtype) {
    for (const auto& [output, tolerance] : entries_) {
      if (output.empty() || output == path) return tolerance;
    }
    return DefaultTolerance(dtype);
  };
}

Tolerance ToleranceTable::Loosest(DType dtype) const {
  Tolerance loosest = DefaultTolerance(dtype);
  if (!IsFloating(dtype) && !IsComplex(dtype)) return loosest;
  for (const auto& [output, tolerance] : entries_) {
    loosest = {std::max(loosest.rtol, tolerance.rtol), std::max(loosest.atol, tolerance.atol)};
  }
  return loosest;
}

}  // namespace torchassay
