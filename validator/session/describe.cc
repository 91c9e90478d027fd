#include "validator/session/describe.h"

#include <utility>

#include "validator/session/report_parts.h"

namespace torchassay {
namespace {

Job JobFor(const DescribeOptions& options, const ModelFile& file) {
  Job job;
  job.kind = JobKind::kDescribe;
  job.model_path = file.model_path;
  job.method = MethodOf(file, options.method);
  job.libraries = options.load.libraries;
  job.timeout_s = options.timeout_s;
  job.memory_bytes = options.memory_bytes;
  return job;
}

}  // namespace

Status DescribeInputs(const DescribeOptions& options, Runner& runner, Inspection& inspection) {
  const Result<ModelFile> file = OpenModelFile(options.path);
  if (!file.ok()) return file.status();
  if (Status status = PermitLoad(*file, options.load); !status.ok()) return status;
  Result<JobResult> result = runner.Run(JobFor(options, *file));
  if (!result.ok()) return result.status();
  inspection.inputs = std::move(result->signature);
  for (Finding& finding : FindingsOf(*result)) {
    if (FailsByDefault(finding)) inspection.verdict = Worse(inspection.verdict, VerdictOfCode(finding.code));
    inspection.findings.push_back(std::move(finding));
  }
  return Status();
}

}  // namespace torchassay
