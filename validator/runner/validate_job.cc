// Runs every case of a bundle on a fresh model and compares with the references in place.

#include <chrono>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/compare/compare_values.h"
#include "validator/manifest/bundle.h"
#include "validator/runner/bundle_call.h"
#include "validator/runner/error_text.h"
#include "validator/runner/jobs.h"
#include "validator/runner/model.h"
#include "validator/runner/verdict.h"

namespace torchassay {
namespace {

using Clock = std::chrono::steady_clock;

// Runs the cases of one bundle, one after the other.
class CaseRunner {
 public:
  CaseRunner(const Job& job, const Bundle& bundle, Model& model)
      : job_(job), bundle_(bundle), model_(model), tolerances_(job, bundle.manifest) {}

  CaseResult Run(const Case& test) {
    CaseResult result;
    result.name = test.name;
    result.kind = CaseKindName(test.kind);
    const Clock::time_point start = Clock::now();
    model_.MakeFresh();
    at::manual_seed(static_cast<std::uint64_t>(test.seed));
    for (std::size_t i = 0; i < test.calls.size(); ++i) RunCall(test, i, result);
    result.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    return result;
  }

 private:
  std::string Subject(const Case& test) const {
    return BaseName(bundle_.path) + ": case " + Quote(test.name);
  }

  void RunCall(const Case& test, std::size_t index, CaseResult& result) {
    const CaseCall& call = test.calls[index];
    const std::string suffix = test.calls.size() == 1 ? "" : " (call " + std::to_string(index + 1) + ")";
    const BundleCall opened(bundle_, call);
    try {
      c10::IValue output;
      for (std::int64_t i = 0; i < std::max<std::int64_t>(1, call.repeat); ++i) {
        Arguments arguments = opened.Make(model_.schema(), model_.device());
        ++result.calls;
        output = model_.Call(std::move(arguments));
      }
      Compare(test, call, opened, output, suffix, result);
    } catch (const UnusableInput& error) {
      AddFinding(test, error.code(), error.what(), result);
    } catch (const std::exception& error) {
      AcceptError(test, call, error, suffix, result);
    }
  }

  void Compare(const Case& test, const CaseCall& call, const BundleCall& opened, const c10::IValue& output,
               const std::string& suffix, CaseResult& result) {
    if (const Raises* raises = std::get_if<Raises>(&call.expects)) {
      ++result.compared;
      AddFinding(test, "TA410", "the model returned" + suffix + ", but the reference raised " + raises->type + ": " +
                                    raises->message, result);
      return;
    }
    const CapturedValue captured = Capture(output, "output");
    CompareValuesOptions options;
    options.tolerance_of = tolerances_.Lookup();
    options.subject = Subject(test);
    ValuesResult compared = CompareValues({captured.value, captured.tensors},
                                          {std::get<Value>(call.expects), opened.tensors()}, options);
    result.compared += compared.compared;
    for (OutputResult& item : compared.outputs) {
      item.path += suffix;
      result.outputs.push_back(std::move(item));
    }
  }

  void AcceptError(const Case& test, const CaseCall& call, const std::exception& error, const std::string& suffix,
                   CaseResult& result) {
    if (SpeaksOfMemory(error.what())) {
      AddFinding(test, "TA504", "the model asked for more memory than there is", result);
      return;
    }
    ++result.compared;
    if (std::holds_alternative<Raises>(call.expects)) return;
    AddFinding(test, "TA501", "the model raised" + suffix + ": " + FactText(CutError(error.what())), result);
  }

  void AddFinding(const Case& test, const std::string& code, const std::string& message, CaseResult& result) const {
    Finding finding = ExecutionFinding(job_, code, message);
    finding.subject = Subject(test);
    result.findings.push_back(std::move(finding));
  }

  const Job& job_;
  const Bundle& bundle_;
  Model& model_;
  const ToleranceTable tolerances_;
};

}  // namespace

JobResult ValidateJob(const Job& job, Progress& progress) {
  const Bundle bundle = OpenBundleOrThrow(job.bundle_path);
  Model model(bundle.model_path, bundle.manifest.signature.method, FindDevice(job.device));
  CaseRunner runner(job, bundle, model);
  JobResult result;
  result.load_ms = model.load_ms();
  for (const Case& test : bundle.manifest.cases) {
    if (!job.case_name.empty() && test.name != job.case_name) continue;
    progress.BeginCase(test.name);
    progress.FinishCase(runner.Run(test));
  }
  return result;
}

}  // namespace torchassay
