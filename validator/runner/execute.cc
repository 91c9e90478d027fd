#include "validator/runner/execute.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <c10/util/Logging.h>

#include "validator/runner/error_text.h"
#include "validator/runner/jobs.h"
#include "validator/runner/model.h"
#include "validator/runner/threads.h"
#include "validator/runner/verdict.h"

namespace torchassay {
namespace {

JobResult Dispatch(const Job& job, Progress& progress) {
  switch (job.kind) {
    case JobKind::kDescribe: return DescribeJob(job);
    case JobKind::kCheck: return CheckJob(job);
    case JobKind::kRun: return RunJob(job);
    case JobKind::kValidate: return ValidateJob(job, progress);
    case JobKind::kBench: return BenchJob(job);
    case JobKind::kLocalise: return LocaliseJob(job);
  }
  throw ModelError(Outcome::kUnusable, "", "no such kind of job");
}

// LibTorch's warnings are for developers of models, and would look like last words of a crash.
class Silence final : public c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

JobResult Failed(const Job& job, Outcome outcome, const std::string& code, const std::string& message) {
  JobResult result;
  result.outcome = outcome;
  result.detail = message;
  if (!code.empty()) result.findings.push_back(ExecutionFinding(job, code, message));
  return result;
}

JobResult Raised(const Job& job, const std::exception& error) {
  if (SpeaksOfMemory(error.what())) {
    return Failed(job, Outcome::kOutOfMemory, "TA504", MemoryText(error.what()));
  }
  return Failed(job, Outcome::kRaised, "TA501", "the model raised: " + FactText(CutError(error.what())));
}

}  // namespace

JobResult Execute(const Job& job, Progress& progress) {
  Silence silence;
  // C++ frames are in no message, and collecting them would make each refused probe slow.
  c10::SetStackTraceFetcher([] { return std::string(); });
  const c10::WarningUtils::WarningHandlerGuard guard(&silence);
  try {
    at::set_num_threads(job.threads);
    NameThreads(job.threads);
    OpenLibraries(job.libraries);
    JobResult result = Dispatch(job, progress);
    if (job.kind == JobKind::kLocalise) return result;  // runs two models in two threads
    if (std::optional<Finding> left = FindThreadsLeft(job)) result.findings.push_back(*std::move(left));
    return result;
  } catch (const ModelError& error) {
    return Failed(job, error.outcome(), error.code(), error.what());
  } catch (const UnusableInput& error) {
    return Failed(job, Outcome::kUnusable, error.code(), error.what());
  } catch (const std::exception& error) {
    return Raised(job, error);
  } catch (...) {
    return Failed(job, Outcome::kRaised, "TA501", "the model threw something that is no exception");
  }
}

}  // namespace torchassay
