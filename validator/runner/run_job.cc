// Runs a model once on the inputs that the job asks for, and shows or writes what it returns.

#include <algorithm>

#include "validator/base/strings.h"
#include "validator/compare/comparison.h"
#include "validator/runner/inputs.h"
#include "validator/runner/jobs.h"
#include "validator/runner/model.h"
#include "validator/tensor/safetensors.h"
#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

constexpr std::int64_t kPreviewed = 10;

Scalar ElementOf(const at::Tensor& element) {
  if (element.is_complex()) return std::complex<double>(element.item().toComplexDouble());
  if (element.scalar_type() == at::kBool) return element.item().toBool();
  if (at::isIntegralType(element.scalar_type(), false)) return element.item().toLong();
  return element.item().toDouble();
}

OutputPreview PreviewTensor(const std::string& path, const at::Tensor& tensor) {
  OutputPreview preview{path, DescribeTensor(tensor), {}};
  const DType dtype = FromScalarType(tensor.scalar_type());
  const at::Tensor flat = tensor.reshape({-1});
  for (std::int64_t i = 0; i < std::min(kPreviewed, flat.numel()); ++i) {
    preview.values.push_back(ScalarText(ElementOf(flat[i]), dtype));
  }
  return preview;
}

std::vector<OutputPreview> Preview(const CapturedValue& captured) {
  std::vector<OutputPreview> previews;
  for (const auto& [path, leaf] : Leaves(captured.value, "output")) {
    if (!std::holds_alternative<TensorRef>(leaf->content)) {
      previews.push_back({path, DescribeValue(*leaf), {}});
      continue;
    }
    for (std::size_t i = 0; i < captured.named.size(); ++i) {
      if (captured.named[i].first == path) previews.push_back(PreviewTensor(path, captured.kept[i]));
    }
  }
  return previews;
}

// safetensors has no c128: its pairs become one more dimension of f64.
NamedTensors Writable(const CapturedValue& captured) {
  NamedTensors tensors = captured.named;
  for (auto& [name, view] : tensors) {
    if (view.dtype != DType::kC128) continue;
    view.dtype = DType::kF64;
    view.shape.push_back(2);
  }
  return tensors;
}

}  // namespace

JobResult RunJob(const Job& job) {
  Model model(job.model_path, job.method, FindDevice(job.device));
  const JobInputs inputs(job, ParameterNames(model.schema()), /*need_fill=*/true);
  at::manual_seed(static_cast<std::uint64_t>(job.seed));
  const CapturedValue captured = Capture(model.Call(inputs.Make(model.schema(), model.device())), "output");
  JobResult result;
  result.load_ms = model.load_ms();
  result.outputs = Preview(captured);
  if (!job.output_path.empty()) {
    const Status status = WriteSafetensors(job.output_path, Writable(captured));
    if (!status.ok()) throw UnusableInput(status.finding_code(), status.message());
  }
  return result;
}

}  // namespace torchassay
