// Names the first submodule whose output differs from the recorded one.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "validator/base/strings.h"
#include "validator/runner/bundle_call.h"
#include "validator/runner/jobs.h"
#include "validator/runner/listening.h"
#include "validator/runner/submodule_ledger.h"

namespace torchassay {
namespace {

// The records of one call, by path and by how often the submodule ran before.
class Records final {
 public:
  explicit Records(const CaseCall& call) {
    for (const SubmoduleRecord& record : call.submodules)
      records_.emplace(std::pair(record.path, record.call), &record);
  }

  // Null where there is none.
  const SubmoduleRecord* Take(const SubmoduleCall& call) {
    const auto found = records_.find({call.path, call.call});
    if (found == records_.end()) return nullptr;
    taken_.insert(found->first);
    return found->second;
  }

  void SkipTheRest(SubmoduleLedger& ledger) const {
    for (const auto& [key, record] : records_) {
      if (!taken_.contains(key)) ledger.Skip(key.first, "is recorded, and the model does not call it");
    }
  }

 private:
  std::map<std::pair<std::string, std::int64_t>, const SubmoduleRecord*> records_;
  std::set<std::pair<std::string, std::int64_t>> taken_;
};

// One recorded call against the model; throws Enough at the first difference.
void CompareWithRecords(const Bundle& bundle, const CaseCall& call, const Model& model, ListeningRun& run,
                        SubmoduleLedger ledger) {
  const BundleCall opened(bundle, call);
  Records records(call);
  run.Call(opened.Make(model.schema(), model.device()),
           [&](const std::string& path, const std::string& type, const c10::IValue& output) {
             const SubmoduleCall finished = ledger.Count(path, type);
             const SubmoduleRecord* record = records.Take(finished);
             if (record == nullptr) {
               if (!call.submodules.empty()) ledger.Skip(path, "is not recorded");
               return;
             }
             const CapturedValue captured = Capture(output, "output");
             ledger.Compare(finished, {captured.value, captured.tensors}, {record->output, opened.tensors()});
           });
  records.SkipTheRest(ledger);
}

bool HasRecords(const Case& test) {
  return std::any_of(test.calls.begin(), test.calls.end(),
                     [](const CaseCall& call) { return !call.submodules.empty(); });
}

void LocaliseInCase(const Job& job, const Bundle& bundle, const Case& test, Model& model, JobResult& result) {
  const ToleranceTable tolerances(job, bundle.manifest);
  model.MakeFresh();
  at::manual_seed(static_cast<std::uint64_t>(test.seed));
  ListeningRun run(model);
  for (const CaseCall& call : test.calls) {
    for (std::int64_t i = 0; i < std::max<std::int64_t>(1, call.repeat); ++i) {
      CompareWithRecords(bundle, call, model, run, SubmoduleLedger(job, tolerances, result));
    }
  }
}

JobResult LocaliseInBundle(const Job& job) {
  const Bundle bundle = OpenBundleOrThrow(job.bundle_path);
  Model model(bundle.model_path, bundle.manifest.signature.method, FindDevice(job.device));
  JobResult result;
  bool recorded = false;
  try {
    for (const Case& test : bundle.manifest.cases) {
      if (!HasRecords(test) || (!job.case_name.empty() && test.name != job.case_name)) continue;
      recorded = true;
      LocaliseInCase(job, bundle, test, model, result);
    }
  } catch (const Enough&) {
  }
  if (!recorded) {
    throw ModelError(Outcome::kUnusable, "TA408",
                     "the bundle records no submodules: convert it with `--record-submodules`");
  }
  return result;
}

}  // namespace

JobResult LocaliseJob(const Job& job) {
  return job.other_model_path.empty() ? LocaliseInBundle(job) : LocaliseBetweenModels(job);
}

}  // namespace torchassay
