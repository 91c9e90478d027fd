// Runs every case of a bundle on a fresh model and compares with the references in place.

#include <torch/csrc/jit/runtime/jit_exception.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/compare/compare_values.h"
#include "validator/manifest/bundle.h"
#include "validator/runner/bundle_call.h"
#include "validator/runner/error_text.h"
#include "validator/runner/jobs.h"
#include "validator/runner/model.h"
#include "validator/runner/raised.h"
#include "validator/runner/verdict.h"

namespace torchassay {
namespace {

using Clock = std::chrono::steady_clock;

// One call of a case, for messages.
struct Place {
  const Case& test;
  const CaseCall& call;
  std::string suffix;  // " (call 2, repeat 3)", "" where there is but one
};

std::string SuffixOf(const Case& test, std::size_t index, std::optional<std::int64_t> repeat) {
  std::vector<std::string> parts;
  if (test.calls.size() > 1) parts.push_back("call " + std::to_string(index + 1));
  if (repeat && test.calls[index].repeat > 1) parts.push_back("repeat " + std::to_string(*repeat + 1));
  return parts.empty() ? "" : " (" + Join(parts, ", ") + ")";
}

bool Passed(const CaseResult& result) {
  const auto fails = [](const Finding& finding) { return finding.severity == Severity::kError; };
  return std::none_of(result.findings.begin(), result.findings.end(), fails) &&
         std::all_of(result.outputs.begin(), result.outputs.end(), [&](const OutputResult& output) {
           return std::none_of(output.findings.begin(), output.findings.end(), fails);
         });
}

// What an exception of the model's own code, or of one of its operators, says.
ActualError ErrorOf(const std::exception& error) {
  if (const auto* raised = dynamic_cast<const torch::jit::JITException*>(&error)) {
    return MakeActualError(raised->getPythonClassName().value_or(""),
                           raised->getOriginalMsg().value_or(raised->what()));
  }
  return MakeActualError("", CutError(error.what()).reason);
}

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
  // Every repeat must give what is expected; the first that does not is shown, else the last.
  void RunCall(const Case& test, std::size_t index, CaseResult& result) {
    const CaseCall& call = test.calls[index];
    const BundleCall opened(bundle_, call);
    const std::int64_t repeats = std::max<std::int64_t>(1, call.repeat);
    CaseResult shown;
    for (std::int64_t i = 0; i < repeats && Passed(shown); ++i) {
      shown.outputs.clear();
      shown.findings.clear();
      ++result.calls;
      RunOnce({test, call, SuffixOf(test, index, i)}, opened, shown);
    }
    result.compared += shown.compared;
    const bool passed = Passed(shown);
    for (OutputResult& output : shown.outputs) {
      output.path += SuffixOf(test, index, passed ? std::nullopt : std::optional(shown.calls - 1));
      result.outputs.push_back(std::move(output));
    }
    std::move(shown.findings.begin(), shown.findings.end(), std::back_inserter(result.findings));
  }

  void RunOnce(const Place& place, const BundleCall& opened, CaseResult& result) {
    ++result.calls;
    try {
      const c10::IValue output = model_.Call(opened.Make(model_.schema(), model_.device()));
      Compare(place, opened, output, result);
    } catch (const UnusableInput& error) {
      AcceptError(place, error.code(), error.what(), {"", error.what()}, result);
    } catch (const std::exception& error) {
      const bool raised = dynamic_cast<const torch::jit::JITException*>(&error) != nullptr;
      if (!raised && SpeaksOfMemory(error.what())) {
        AddFinding(place, "TA504", MemoryText(error.what()), result);
        return;
      }
      AcceptError(place, "TA501", "the model raised" + place.suffix + ": " + FactText(CutError(error.what())),
                  ErrorOf(error), result);
    }
  }

  void Compare(const Place& place, const BundleCall& opened, const c10::IValue& output, CaseResult& result) {
    if (const Raises* raises = std::get_if<Raises>(&place.call.expects)) {
      ++result.compared;
      AddFinding(place, "TA410",
                 "the model returned" + place.suffix + ", but the reference raised " +
                     RaisedText(raises->type, raises->message),
                 result);
      return;
    }
    const CapturedValue captured = Capture(output, "output");
    if (!captured.quantised.empty()) {
      ++result.compared;
      AddFinding(place, "TA404", "output " + captured.quantised.front() + ", and no reference is quantised", result);
      return;
    }
    CompareValuesOptions options;
    options.tolerance_of = tolerances_.Lookup();
    options.subject = Subject(place.test);
    ValuesResult compared = CompareValues({captured.value, captured.tensors},
                                          {std::get<Value>(place.call.expects), opened.tensors()}, options);
    result.compared += compared.compared;
    result.outputs = std::move(compared.outputs);
  }

  // `code` and `message` say what happened where no exception was expected.
  void AcceptError(const Place& place, const std::string& code, const std::string& message, const ActualError& actual,
                   CaseResult& result) {
    const Raises* expected = std::get_if<Raises>(&place.call.expects);
    if (expected == nullptr) {
      ++result.compared;
      AddFinding(place, code, message, result);
      return;
    }
    const RaisedMatch match = MatchRaised(*expected, actual, bundle_.manifest.conversion.mode_used == "script");
    // A refusal for another reason is no evidence for the model.
    if (match != RaisedMatch::kUnrelated) ++result.compared;
    if (match != RaisedMatch::kSame) AddOtherError(place, match, *expected, actual, result);
  }

  void AddOtherError(const Place& place, RaisedMatch match, const Raises& expected, const ActualError& actual,
                     CaseResult& result) {
    const bool fails = match == RaisedMatch::kOtherClass;
    AddFinding(place, "TA410",
               std::string(fails ? "the model raised another exception" : "the model raised in other words") +
                   place.suffix + " than its reference",
               result);
    Finding& finding = result.findings.back();
    if (!fails) finding.severity = Severity::kWarning;
    finding.evidence = {{"expected", RaisedText(expected.type, expected.message)},
                        {"raised", RaisedText(actual.type, actual.message)}};
    if (match == RaisedMatch::kUnrelated) {
      finding.notes.push_back("a trace holds no `raise`, so an operator refuses in its place");
    }
  }

  std::string Subject(const Case& test) const { return BaseName(bundle_.path) + ": case " + Quote(test.name); }

  void AddFinding(const Place& place, const std::string& code, const std::string& message, CaseResult& result) const {
    Finding finding = ExecutionFinding(job_, code, message);
    finding.subject = Subject(place.test);
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
