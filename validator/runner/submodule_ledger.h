// SubmoduleLedger: what was compared of a model's submodules, up to the first that differs.
//
// Includes LibTorch.

#ifndef VALIDATOR_RUNNER_SUBMODULE_LEDGER_H_
#define VALIDATOR_RUNNER_SUBMODULE_LEDGER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "validator/compare/compare_values.h"
#include "validator/runner/bundle_call.h"
#include "validator/wire/job.h"

namespace torchassay {

// Ends a run early: what was looked for is found, or the other side is gone.
struct Enough {};

// A call of a submodule: its dotted path, its class, and how often it ran before.
struct SubmoduleCall {
  std::string path;
  std::string type;
  std::int64_t call = 0;
};

// REQUIRES: `job`, `tolerances` and `result` outlive it.
class SubmoduleLedger final {
 public:
  SubmoduleLedger(const Job& job, const ToleranceTable& tolerances, JobResult& result)
      : job_(job), tolerances_(tolerances), result_(result) {}

  // The call that has just finished; counts it.
  SubmoduleCall Count(const std::string& path, const std::string& type) { return {path, type, counts_[path]++}; }

  // Throws Enough where they differ.
  void Compare(const SubmoduleCall& call, ValueSide actual, ValueSide expected);
  // A difference that no two outputs show; throws Enough.
  void Part(const SubmoduleCall& call, const std::string& note);
  // A submodule without counterpart, each path once: "`a` " + why.
  void Skip(const std::string& path, const std::string& why);

 private:
  CompareValuesOptions Options(const std::string& path) const;

  const Job& job_;
  const ToleranceTable& tolerances_;
  JobResult& result_;
  std::map<std::string, std::int64_t> counts_;
  std::set<std::string> skipped_;
};

// The first submodule whose output differs from that of the model at `job.other_model_path`, which runs in step on the
// same inputs: those of the bundle's case where there is a bundle, else the job's own.
JobResult LocaliseBetweenModels(const Job& job);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_SUBMODULE_LEDGER_H_
