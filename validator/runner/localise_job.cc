// Names the first submodule whose output differs: from recorded ones, or from another model that runs in step.

#include <torch/csrc/jit/runtime/operator.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "validator/base/strings.h"
#include "validator/runner/bundle_call.h"
#include "validator/runner/inputs.h"
#include "validator/runner/interpreter.h"
#include "validator/runner/jobs.h"
#include "validator/runner/model.h"

namespace torchassay {
namespace {

constexpr std::int64_t kNoBudget = std::int64_t{1} << 60;

// Every operator as LibTorch does it, on the model's own tensors.
class RealEvaluator final : public Evaluator {
 public:
  std::vector<c10::IValue> Evaluate(const torch::jit::Node* node, std::vector<c10::IValue> inputs) override {
    const c10::FunctionSchema* schema = node->maybeSchema();
    if (schema != nullptr && schema->is_vararg()) {
      inputs.emplace_back(static_cast<std::int64_t>(node->inputs().size()));
    }
    node->getOperation()(inputs);
    return inputs;
  }
  at::Tensor Attribute(const at::Tensor& tensor) override { return tensor; }
};

// Ends a run early: what was looked for is found, or the other side is gone.
struct Enough {};

// Runs a method node by node; `listener` may throw Enough.
void RunListening(Model& model, Arguments arguments, SubmoduleListener listener) {
  const at::NoGradGuard no_grad;
  std::vector<c10::IValue> stack = std::move(arguments.positional);
  stack.insert(stack.begin(), model.module()._ivalue());
  model.schema().checkAndNormalizeInputs(stack, arguments.keywords);
  RealEvaluator evaluator;
  Interpreter interpreter(evaluator, kNoBudget);
  interpreter.set_listener(std::move(listener));
  interpreter.Run(model.method(), std::move(stack));
}

// Gathers what was compared, up to the first difference.
class Ledger {
 public:
  explicit Ledger(JobResult& result) : result_(result) {}

  // The how-manieth call of this submodule it is.
  std::int64_t Count(const std::string& path) { return counts_[path]++; }

  void Add(const std::string& path, const std::string& type, std::int64_t call, ValuesResult compared) {
    const bool differs = !compared.passed();
    SubmoduleResult submodule{path, type, call, std::move(compared.outputs), differs};
    result_.submodules.push_back(std::move(submodule));
    if (!result_.submodules.back().differs) return;
    result_.first_difference = result_.submodules.size() - 1;
    throw Enough();
  }

 private:
  JobResult& result_;
  std::map<std::string, std::int64_t> counts_;
};

CompareValuesOptions OptionsFor(const Job& job, const std::string& path) {
  CompareValuesOptions options;
  options.subject = "submodule " + Quote(path);
  for (const auto& [output, tolerance] : job.tolerances) {
    if (output.empty()) options.tolerance_of = [tolerance = tolerance](const std::string&, DType) { return tolerance; };
  }
  return options;
}

// One recorded call against the model.
void CompareWithRecords(const Job& job, const Bundle& bundle, const CaseCall& call, Model& model, Ledger& ledger) {
  const BundleCall opened(bundle, call);
  RunListening(model, opened.Make(model.schema(), model.device()),
               [&](const std::string& path, const std::string& type, const c10::IValue& output) {
                 const std::int64_t count = ledger.Count(path);
                 for (const SubmoduleRecord& record : call.submodules) {
                   if (record.path != path || record.call != count) continue;
                   const CapturedValue captured = Capture(output, "output");
                   ledger.Add(path, type, count,
                              CompareValues({captured.value, captured.tensors}, {record.output, opened.tensors()},
                                            OptionsFor(job, path)));
                 }
               });
}

JobResult LocaliseInBundle(const Job& job) {
  const Bundle bundle = OpenBundleOrThrow(job.bundle_path);
  Model model(bundle.model_path, bundle.manifest.signature.method, FindDevice(job.device));
  JobResult result;
  bool recorded = false;
  for (const Case& test : bundle.manifest.cases) {
    if (!job.case_name.empty() && test.name != job.case_name) continue;
    model.MakeFresh();
    at::manual_seed(static_cast<std::uint64_t>(test.seed));
    for (const CaseCall& call : test.calls) {
      if (call.submodules.empty()) continue;
      recorded = true;
      Ledger ledger(result);
      try {
        CompareWithRecords(job, bundle, call, model, ledger);
      } catch (const Enough&) {
        return result;
      }
    }
  }
  if (!recorded) {
    throw ModelError(Outcome::kUnusable, "TA408", "the bundle records no submodules: convert it with --record-submodules");
  }
  return result;
}

// Hands the outputs of one model over, one at a time, so that never more than one waits in memory.
class Handover {
 public:
  struct Item {
    std::string path;
    c10::IValue output;
  };

  // Waits until the last one is taken; throws Enough where nobody listens any more.
  void Give(Item item) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !item_ || closed_; });
    if (closed_) throw Enough();
    item_ = std::move(item);
    changed_.notify_all();
  }
  // Absent: there are no more.
  std::optional<Item> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return item_ || closed_; });
    std::optional<Item> item = std::exchange(item_, std::nullopt);
    changed_.notify_all();
    return item;
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Item> item_;
  bool closed_ = false;
};

std::set<std::string> PathsOf(Model& model) {
  std::set<std::string> paths;
  for (const auto& module : model.module().named_modules()) paths.insert(module.name);
  return paths;
}

JobResult LocaliseBetweenModels(const Job& job) {
  const at::Device device = FindDevice(job.device);
  Model actual(job.model_path, job.method, device);
  Model expected(job.other_model_path, job.method, device);
  const std::set<std::string> actual_paths = PathsOf(actual);
  const std::set<std::string> expected_paths = PathsOf(expected);
  const JobInputs inputs(job, ParameterNames(actual.schema()), /*need_fill=*/true);
  Handover handover;
  std::string trouble;
  std::thread other([&] {
    try {
      RunListening(expected, inputs.Make(expected.schema(), device),
                   [&](const std::string& path, const std::string&, const c10::IValue& output) {
                     if (actual_paths.contains(path)) handover.Give({path, output});
                   });
    } catch (const Enough&) {
    } catch (const std::exception& error) {
      trouble = error.what();
    }
    handover.Close();
  });
  JobResult result;
  Ledger ledger(result);
  const auto compare = [&](const std::string& path, const std::string& type, const c10::IValue& output) {
    if (!expected_paths.contains(path)) return;
    const std::optional<Handover::Item> item = handover.Take();
    if (!item || item->path != path) throw Enough();
    const CapturedValue mine = Capture(output, "output");
    const CapturedValue theirs = Capture(item->output, "output");
    ledger.Add(path, type, ledger.Count(path),
               CompareValues({mine.value, mine.tensors}, {theirs.value, theirs.tensors}, OptionsFor(job, path)));
  };
  std::exception_ptr failure;
  try {
    RunListening(actual, inputs.Make(actual.schema(), device), compare);
  } catch (const Enough&) {
  } catch (...) {
    failure = std::current_exception();
  }
  handover.Close();
  other.join();
  if (failure) std::rethrow_exception(failure);
  if (!trouble.empty()) throw std::runtime_error(trouble);
  return result;
}

}  // namespace

JobResult LocaliseJob(const Job& job) {
  return job.other_model_path.empty() ? LocaliseInBundle(job) : LocaliseBetweenModels(job);
}

}  // namespace torchassay
