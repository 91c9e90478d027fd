// Job and JobResult: what the session asks of the runner, and what it answers. Plain data.

#ifndef VALIDATOR_WIRE_JOB_H_
#define VALIDATOR_WIRE_JOB_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "validator/base/finding.h"
#include "validator/compare/compare_values.h"
#include "validator/compare/tolerance.h"
#include "validator/signature/signature.h"
#include "validator/tensor/dtype.h"

namespace torchassay {

enum class JobKind {
  kDescribe,  // what inputs will the model take?
  kCheck,     // would it take these?
  kRun,       // run it once
  kValidate,  // run every case of a bundle and compare with the references
  kBench,     // how fast, how much memory?
  kLocalise,  // which submodule differs first?
};

// What an output may be off by where it is of this dtype; a number that is no tensor is f64.
struct TypedTolerance {
  std::string output;  // path, or "" for every output
  DType dtype = DType::kF32;
  Tolerance tolerance;
};

// A model is loaded by LibTorch, which runs its `__setstate__`: whoever sends a job has decided that
// the file may be loaded.
struct Job {
  JobKind kind = JobKind::kDescribe;
  std::string model_path;
  std::string bundle_path;       // kValidate; kBench and kLocalise where there is one; files already verified
  std::string other_model_path;  // kLocalise against a second model instead of recorded submodules
  std::string method = "forward";
  std::string device = "cpu";              // cpu, cuda, cuda:N
  std::vector<std::string> inputs;         // specs; in kRun and kBench with a fill: "ones:x=f32[20]"
  std::string inputs_path;                 // or a tensor file; "" for none
  std::string output_path;                 // kRun: write the outputs as safetensors; "" for none
  std::string case_name;                   // kLocalise, kBench: which case; "" for the first (failing) one
  std::vector<std::string> libraries;      // shared objects with custom operators
  std::vector<TypedTolerance> tolerances;  // replace the manifest's; the first that fits an output counts
  std::int64_t seed = 0;                   // of random fills
  double timeout_s = 300;                  // of the whole job; <= 0: none
  std::int64_t memory_bytes = 0;           // 0: what the machine has to spare
  int threads = 0;                         // 0: the machine's cores divided by the jobs run at once
  double bench_seconds = 3;                // kBench: how long to measure after the warm-up
};

enum class Outcome {
  kFinished,       // the answer is complete; the model may still have failed in it
  kRaised,         // the model raised where it should not: TA501
  kCrashed,        // a signal, or the process ended by itself: TA502
  kTimedOut,       // TA503
  kOutOfMemory,    // TA504
  kDeviceMissing,  // TA505
  kCouldNotLoad,   // no such file, or LibTorch cannot load it: TA506
  kUnusable,       // the request itself cannot be served: bad inputs, no such method
};
const char* OutcomeName(Outcome outcome);  // "finished", "raised", "crashed", …

struct CaseResult {
  std::string name;
  std::string kind;                   // of the manifest: "example", "sampled", …
  std::vector<OutputResult> outputs;  // of all calls; paths of later calls end in " (call 2)"
  std::vector<Finding> findings;      // of the case itself: TA410, TA501, …
  double duration_ms = 0;
  std::int64_t calls = 0;
  std::int64_t compared = 0;  // leaves and expected exceptions that were really compared
};

// The first elements of one output of kRun.
struct OutputPreview {
  std::string path;                 // "output", "output[0]"
  std::string text;                 // "f32[1,1000]", or a value's own text
  std::vector<std::string> values;  // at most ten, printed to read back
};

// Milliseconds, unless said otherwise.
struct BenchNumbers {
  double load = 0;
  double first_call = 0;
  std::vector<double> warmup;   // calls until the time settled, without the first
  std::vector<double> samples;  // the measured calls, in order
  double p50 = 0, p90 = 0, p99 = 0, mean = 0, minimum = 0, maximum = 0;
  double throughput = 0;  // calls a second
  std::int64_t calls = 0;
  int threads = 0;
};

// One submodule whose output was compared with its reference, in order of finishing.
struct SubmoduleResult {
  std::string path;       // "layer1.0"; "" for the model
  std::string type;       // class name
  std::int64_t call = 0;  // the how-manieth call of this submodule
  std::vector<OutputResult> outputs;
  bool differs = false;
  std::string note;  // how it differs where its outputs do not say: "the other model calls `b` here"
};

struct JobResult {
  Outcome outcome = Outcome::kFinished;
  std::string detail;  // one line, where the outcome is not kFinished
  std::vector<Finding> findings;
  std::optional<Signature> signature;           // kDescribe, kCheck
  std::vector<CaseResult> cases;                // kValidate
  std::vector<OutputPreview> outputs;           // kRun
  std::optional<BenchNumbers> bench;            // kBench
  std::vector<SubmoduleResult> submodules;      // kLocalise: up to the first that differs
  std::optional<std::size_t> first_difference;  // index into submodules
  std::vector<std::string> uncompared;          // kLocalise: which submodules have no counterpart, a line each
  double duration_ms = 0;
  double load_ms = 0;                  // of the model
  std::int64_t peak_memory_bytes = 0;  // resident, of the job's process
  std::string torch_version;           // of the runner's LibTorch: "2.13.0"
};

}  // namespace torchassay

#endif  // VALIDATOR_WIRE_JOB_H_
