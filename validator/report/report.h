// Report: the one result structure. Every command that judges a model fills it, every format
// renders it, and the gate and the baseline read it.
//
// Findings are one flat list, in the order in which a reader should meet them; each says by name
// which model, case and output it belongs to. Nothing in a report is an absolute path, and all that
// changes from run to run (clock, durations, memory) stands in `Measurement`s and `created`.

#ifndef VALIDATOR_REPORT_REPORT_H_
#define VALIDATOR_REPORT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "validator/base/finding.h"
#include "validator/compare/comparison.h"
#include "validator/report/model_verdict.h"

namespace torchassay {

// One output of one case: `comparison` is absent where it could not be compared.
struct OutputReport {
  std::string path;  // "output", "output.logits"
  bool passed = false;
  std::optional<Comparison> comparison;
};

// One call sequence on a fresh model, and what came of it.
struct CaseReport {
  std::string name;
  std::string kind;  // "example", "sampled", "boundary", "counterexample"
  bool passed = false;
  std::vector<OutputReport> outputs;
};

// A file that the result depends on.
struct FileReport {
  std::string path;  // inside the bundle
  std::int64_t bytes = 0;
  std::string sha256;
};

// How a submodule's output compares with the recorded one, where `--localise` looked.
struct ModuleError {
  bool differs = false;
  std::int64_t compared = 0;  // elements; 0 where dtype, shape or structure differ
  std::int64_t mismatched = 0;
  double max_abs_error = 0;
};

// One row of the module tree, parents before children.
struct ModuleReport {
  std::string path;  // "layer1.0", "" for the root
  std::string type;
  std::int64_t parameters = 0;  // elements in this module and below
  std::int64_t bytes = 0;       // of them
  std::optional<ModuleError> error;
};

// How the model that is judged came to be; empty strings where the file does not say.
struct OriginReport {
  std::string model;             // "model.py:build"
  std::string mode;              // "trace", "script", "hybrid", "recorded"
  std::string torch;             // version that wrote it
  std::optional<bool> faithful;  // what the converter said
};

// Milliseconds of a series of calls. The first call is apart: it compiles.
struct Latency {
  std::int64_t calls = 0;
  std::int64_t warmup_calls = 0;
  double first_ms = 0;
  double mean_ms = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
  double calls_per_second = 0;
  std::vector<double> samples_ms;  // in order of the calls; may be empty
};

// What differs between two runs of the same thing.
struct Measurement {
  std::optional<double> load_ms;
  std::optional<std::int64_t> peak_bytes;
  std::vector<std::pair<std::string, double>> case_ms;  // by case name, in order
  std::optional<Latency> latency;
};

struct ModelReport {
  std::string name;  // file name, with as many folders before it as tell it from the others
  std::string path;  // absolute, for what is said of the model by a policy; in no result, and "" of one that was read
  ModelVerdict verdict = ModelVerdict::kNothingChecked;
  OriginReport origin;
  std::vector<FileReport> files;
  std::vector<ModuleReport> modules;
  std::vector<Evidence> facts;  // labelled lines that a reader wants beside the verdict
  // Path of the first submodule whose output differs, where that was looked for and found.
  std::optional<std::string> error_starts_at;
  std::vector<CaseReport> cases;
  Measurement measured;
};

// Lines of the model's source around a finding.
struct SourceExcerpt {
  std::string path;  // of the file, from the working folder; "" where it lies outside of it
  int first_line = 1;
  std::vector<std::string> lines;
};

// A finding, where it belongs and what it comes to.
struct ReportedFinding {
  Finding finding;
  std::string model;      // ModelReport::name, "" for the run as a whole
  std::string case_name;  // "" for the model as a whole
  std::string output;     // "" for the case as a whole
  bool fails = false;     // by default, or by the policy
  std::optional<SourceExcerpt> source;
};

struct Environment {
  std::string tool_version;
  std::string torch_version;  // LibTorch that ran the model, "" where none did
  std::string platform;       // "linux-x86_64"
  std::string device;         // "cpu", "cuda:0"; "" where nothing ran
};

struct Report {
  std::string command;  // "validate", "check", "compare", "bench", "run", "report"
  std::string created;  // "2026-11-23T20:28:00Z"
  Environment environment;
  ModelVerdict verdict = ModelVerdict::kNothingChecked;
  std::vector<ModelReport> models;
  std::vector<ReportedFinding> findings;
};

// " (call 2, repeat 3)" at the end of how an output of a later call is called; "" where it ends in no such thing.
std::string CallSuffix(const std::string& output);

// The worst that the findings which fail come to: those of `model` ("" for the run as a whole), or all.
ModelVerdict VerdictOfFindings(const Report& report, const std::optional<std::string>& model = std::nullopt);

// Sets every `verdict` from the findings that fail, worst first. A model without such a finding
// has passed. A run without models has checked nothing.
void Judge(Report& report);

// Findings of one model (or, with "", of the run), in the report's order.
std::vector<const ReportedFinding*> FindingsOf(const Report& report, const std::string& model);

// How much a model's cases covered.
struct Totals {
  std::int64_t cases = 0;
  std::int64_t failed_cases = 0;
  std::int64_t outputs = 0;
  std::int64_t failed_outputs = 0;
  std::int64_t elements = 0;  // compared
  double max_abs_error = 0;
};
Totals TotalsOf(const ModelReport& model);

// Names for the files at `paths`: each the file's own name, preceded by as many of its folders as
// it takes to tell it from the others. Never absolute.
std::vector<std::string> DisplayNames(const std::vector<std::string>& paths);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_REPORT_H_
