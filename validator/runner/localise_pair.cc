// Names the first submodule whose output differs between two models that run in step.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/runner/bundle_call.h"
#include "validator/runner/error_text.h"
#include "validator/runner/inputs.h"
#include "validator/runner/listening.h"
#include "validator/runner/submodule_ledger.h"

namespace torchassay {
namespace {

using MakeArguments = std::function<Arguments(const Model&)>;

// Hands the outputs of one model over, one at a time, so that never more than one waits in memory.
class Handover final {
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

// The second model, in a thread of its own, one submodule ahead at most.
class OtherModel final {
 public:
  OtherModel(const Job& job, at::Device device, const std::set<std::string>& listened, const MakeArguments& make)
      : model_(job.other_model_path, job.method, device), paths_(PathsOf(model_)) {
    thread_ = std::thread([this, &listened, &make] { Run(listened, make); });
  }
  ~OtherModel() { Join(); }

  const std::set<std::string>& paths() const { return paths_; }
  std::optional<Handover::Item> Take() { return handover_.Take(); }
  // Submodules that only this model has; what it raised, or "". REQUIRES: Join() before.
  const std::vector<std::string>& unmatched() const { return unmatched_; }
  const std::string& trouble() const { return trouble_; }
  void Join() {
    handover_.Close();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run(const std::set<std::string>& listened, const MakeArguments& make) {
    try {
      ListeningRun run(model_);
      run.Call(make(model_), [&](const std::string& path, const std::string&, const c10::IValue& output) {
        if (listened.contains(path)) {
          handover_.Give({path, output});
        } else {
          unmatched_.push_back(path);
        }
      });
    } catch (const Enough&) {
    } catch (const std::exception& error) {
      trouble_ = FactText(CutError(error.what()));
    }
    handover_.Close();
  }

  Model model_;
  std::set<std::string> paths_;
  Handover handover_;
  std::vector<std::string> unmatched_;
  std::string trouble_;
  std::thread thread_;
};

void CompareInStep(const SubmoduleCall& call, const c10::IValue& output, OtherModel& other, SubmoduleLedger& ledger) {
  const std::optional<Handover::Item> item = other.Take();
  if (!item) {
    other.Join();
    if (!other.trouble().empty()) throw Enough();
    ledger.Part(call, "the other model does not call it here");
  }
  if (item->path != call.path) ledger.Part(call, "the other model calls " + Quote(item->path) + " here");
  const CapturedValue mine = Capture(output, "output");
  const CapturedValue theirs = Capture(item->output, "output");
  ledger.Compare(call, {mine.value, mine.tensors}, {theirs.value, theirs.tensors});
}

void RunInStep(Model& model, OtherModel& other, const MakeArguments& make, SubmoduleLedger& ledger) {
  ListeningRun run(model);
  run.Call(make(model), [&](const std::string& path, const std::string& type, const c10::IValue& output) {
    if (other.paths().contains(path)) {
      CompareInStep(ledger.Count(path, type), output, other, ledger);
    } else {
      ledger.Skip(path, "is in this model only");
    }
  });
  if (const std::optional<Handover::Item> rest = other.Take()) {
    ledger.Part({rest->path, "", 0}, "only the other model calls it here");
  }
}

JobResult Localise(const Job& job, const Manifest& manifest, Model& model, const MakeArguments& make) {
  const ToleranceTable tolerances(job, manifest);
  const std::set<std::string> paths = PathsOf(model);
  JobResult result;
  SubmoduleLedger ledger(job, tolerances, result);
  OtherModel other(job, model.device(), paths, make);
  try {
    RunInStep(model, other, make, ledger);
  } catch (const Enough&) {
  }
  other.Join();
  if (!other.trouble().empty()) {
    throw ModelError(Outcome::kRaised, "TA501", Quote(BaseName(job.other_model_path)) + " raised: " + other.trouble());
  }
  for (const std::string& path : other.unmatched())
    ledger.Skip(path, "is in " + Quote(BaseName(job.other_model_path)) + " only");
  return result;
}

const CaseCall& FirstCall(const Bundle& bundle, const std::string& case_name) {
  for (const Case& test : bundle.manifest.cases) {
    if (case_name.empty() || test.name == case_name) return test.calls.at(0);
  }
  throw ModelError(Outcome::kUnusable, "TA411", "the bundle has no case " + Quote(case_name));
}

}  // namespace

JobResult LocaliseBetweenModels(const Job& job) {
  Model model(job.model_path, job.method, FindDevice(job.device));
  if (!job.bundle_path.empty()) {
    const Bundle bundle = OpenBundleOrThrow(job.bundle_path);
    const BundleCall call(bundle, FirstCall(bundle, job.case_name));
    return Localise(job, bundle.manifest, model,
                    [&](const Model& one) { return call.Make(one.schema(), one.device()); });
  }
  const JobInputs inputs(job, ParameterNames(model.schema()), /*need_fill=*/true);
  return Localise(job, {}, model, [&](const Model& one) { return inputs.Make(one.schema(), one.device()); });
}

}  // namespace torchassay
