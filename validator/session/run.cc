#include "validator/session/run.h"

#include <algorithm>
#include <utility>

#include "validator/base/strings.h"
#include "validator/session/report_parts.h"
#include "validator/signature/spec.h"
#include "validator/tensor/tensor_file.h"

namespace torchassay {
namespace {

constexpr std::size_t kValuesShown = 5;

// The command line's inputs must be right before LibTorch is started for them.
Status CheckInputs(const RunOptions& options) {
  if (!options.inputs_path.empty()) return TensorFile::Open(options.inputs_path).status();
  for (const std::string& text : options.inputs) {
    if (Status status = ParseFilledSpec(text).status(); !status.ok()) return status;
  }
  return Status();
}

Job JobFor(const RunOptions& options, const ModelFile& file) {
  Job job;
  job.kind = JobKind::kRun;
  job.model_path = file.model_path;
  job.method = MethodOf(file, options.method);
  job.device = options.device;
  job.inputs = options.inputs;
  job.inputs_path = options.inputs_path;
  job.output_path = options.output_path;
  job.libraries = options.load.libraries;
  job.seed = options.seed;
  job.timeout_s = options.timeout_s;
  job.memory_bytes = options.memory_bytes;
  return job;
}

std::string ValuesText(const OutputPreview& output) {
  std::string text;
  for (std::size_t i = 0; i < std::min(output.values.size(), kValuesShown); ++i) {
    text += (i == 0 ? "" : " ") + output.values[i];
  }
  return output.values.size() > kValuesShown ? text + " …" : text;
}

}  // namespace

Result<RunResult> Run(const RunOptions& options, Runner& runner) {
  if (Status status = CheckInputs(options); !status.ok()) return status;
  runner.Prepare();
  Result<ModelFile> file = OpenModelFile(options.path);
  if (!file.ok()) return file.status();
  if (Status status = PermitLoad(*file, options.load); !status.ok()) return status;
  Result<JobResult> result = runner.Run(JobFor(options, *file));
  if (!result.ok()) return result.status();
  // Nothing that the catalogue has: the output cannot be written.
  if (result->outcome == Outcome::kUnusable && result->findings.empty()) {
    return Status(StatusCode::kUnreadable, result->detail);
  }

  RunResult run{NewReport("run"), std::move(result->outputs)};
  ModelReport model;
  model.name = file->name;
  DescribeRuntime(*result, options.device, run.report);
  for (Finding& finding : FindingsOf(*result)) AddFinding(run.report, model.name, std::move(finding));
  run.report.models.push_back(std::move(model));
  Judge(run.report);
  return run;
}

std::string RunText(const RunResult& result) {
  std::size_t path_width = 0, text_width = 0;
  for (const OutputPreview& output : result.outputs) {
    path_width = std::max(path_width, output.path.size());
    text_width = std::max(text_width, output.text.size());
  }
  std::string text = "ok\n";
  for (const OutputPreview& output : result.outputs) {
    std::string line = output.path + std::string(path_width - output.path.size(), ' ') + "   " + output.text;
    const std::string values = ValuesText(output);
    if (!values.empty()) line += std::string(text_width - output.text.size(), ' ') + "   " + values;
    text += line + "\n";
  }
  return text;
}

}  // namespace torchassay
