#include "validator/session/bench.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "validator/base/closest.h"
#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/compare/compare_values.h"
#include "validator/gate/apply_policy.h"
#include "validator/report/number_text.h"
#include "validator/session/judging.h"
#include "validator/session/report_parts.h"

namespace torchassay {
namespace {

Job JobFor(const BenchOptions& options, const ModelFile& file, const std::string& case_name) {
  Job job;
  job.kind = JobKind::kBench;
  job.model_path = file.model_path;
  job.bundle_path = file.bundle->path;
  job.method = file.bundle->manifest.signature.method;
  job.device = options.device;
  job.case_name = case_name;
  job.libraries = options.load.libraries;
  job.threads = options.threads;
  job.bench_seconds = options.seconds;
  job.timeout_s = options.timeout_s;
  job.memory_bytes = options.memory_bytes;
  return job;
}

// Every so-manieth sample, so that a chart has enough of them and a file not too many.
std::vector<double> Thinned(const std::vector<double>& samples) {
  constexpr std::size_t kKept = 1000;
  const std::size_t step = samples.size() / kKept + 1;
  std::vector<double> kept;
  for (std::size_t i = 0; i < samples.size(); i += step) kept.push_back(samples[i]);
  return kept;
}

Latency LatencyFrom(const BenchNumbers& numbers) {
  return {.calls = numbers.calls,
          .warmup_calls = static_cast<std::int64_t>(numbers.warmup.size()),
          .first_ms = numbers.first_call,
          .mean_ms = numbers.mean,
          .p50_ms = numbers.p50,
          .p90_ms = numbers.p90,
          .p99_ms = numbers.p99,
          .max_ms = numbers.maximum,
          .calls_per_second = numbers.throughput,
          .samples_ms = Thinned(numbers.samples)};
}

Finding NothingMeasured(const std::string& name, const std::string& why = "") {
  Finding finding = NothingCompared(name);
  finding.message = "nothing was measured" + why;
  return finding;
}

// A call that raises ends wherever the model minds: its time says nothing.
bool CanBeTimed(const Case& test) {
  return !test.calls.empty() && std::holds_alternative<Value>(test.calls[0].expects);
}

// The case of that name; without a name the first that can be timed, "" if none can.
Result<std::string> CaseToTime(const ModelFile& file, const std::string& name) {
  const std::vector<Case>& cases = file.bundle->manifest.cases;
  const auto found = std::ranges::find_if(
      cases, [&](const Case& test) { return name.empty() ? CanBeTimed(test) : test.name == name; });
  if (found != cases.end()) return CanBeTimed(*found) ? found->name : std::string();
  if (name.empty()) return std::string();
  std::vector<std::string> names;
  for (const Case& test : cases) names.push_back(test.name);
  return Status(StatusCode::kNotFound, "TA411", "the bundle " + Quote(file.name) + " has no case " + Quote(name),
                DidYouMean(name, names));
}

void AddNumbers(const JobResult& result, ModelReport& model) {
  const BenchNumbers& numbers = *result.bench;
  model.measured.load_ms = numbers.load;
  model.measured.peak_bytes = result.peak_memory_bytes;
  model.measured.latency = LatencyFrom(numbers);
  model.facts = {
      {"load", DurationText(numbers.load)},
      {"first call", DurationText(numbers.first_call)},
      {"warm-up", CountText(std::ssize(numbers.warmup), "call") + " until the time settled"},
      {"latency", "p50 " + DurationText(numbers.p50) + ", p90 " + DurationText(numbers.p90) + ", p99 " +
                      DurationText(numbers.p99) + ", mean " + DurationText(numbers.mean) + " over " +
                      CountText(numbers.calls, "call")},
      {"throughput", NumberText(numbers.throughput, 4) + " calls a second, " + CountText(numbers.threads, "thread")},
      {"memory", BytesText(static_cast<std::uint64_t>(result.peak_memory_bytes)) + " at most"},
  };
}

bool IsBudget(const std::string& code) { return code == "TA604" || code == "TA605"; }

// Waivers of what only `validate` finds would all be reported as not used.
void ApplyBudgets(Policy policy, const std::string& today, Report& report) {
  std::erase_if(policy.waivers, [](const Waiver& waiver) { return !IsBudget(waiver.code); });
  ApplyPolicy(policy, today, report);
}

}  // namespace

Result<Report> Bench(const BenchOptions& options, Runner& runner) {
  Result<Judging> judging = ReadJudging(options.policy_path, "", {options.path});
  if (!judging.ok()) return judging.status();
  runner.Prepare();
  Result<ModelFile> file = OpenModelFile(options.path);
  if (!file.ok()) return file.status();
  if (!file->bundle) {
    return Status(StatusCode::kUsage, "", "`bench` needs a bundle: " + Quote(file->name) + " holds no inputs",
                  "record some: `torchassay convert " + file->name + " --input SPEC`");
  }
  if (Status status = PermitLoad(*file, options.load); !status.ok()) return status;
  Report report = NewReport("bench");
  ModelReport model;
  model.name = file->name;
  model.path = AbsolutePath(options.path);
  DescribeOrigin(file->bundle->manifest, model);
  Result<std::string> case_name = CaseToTime(*file, options.case_name);
  if (!case_name.ok()) return case_name.status();
  if (case_name->empty()) {
    AddFinding(report, model.name,
               NothingMeasured(model.name, options.case_name.empty() ? ": no case expects outputs"
                                                                     : ": the case expects an exception"));
  } else {
    if (Status status = VerifyCases(RealFileSystem(), *file->bundle); !status.ok()) return status;
    Result<JobResult> result = runner.Run(JobFor(options, *file, *case_name));
    if (!result.ok()) return result.status();
    DescribeRuntime(*result, options.device, report);
    for (Finding& finding : FindingsOf(*result)) AddFinding(report, model.name, std::move(finding));
    if (result->bench) AddNumbers(*result, model);
    if (!result->bench && report.findings.empty()) AddFinding(report, model.name, NothingMeasured(model.name));
  }
  report.models.push_back(std::move(model));
  Judge(report);
  if (judging->policy) ApplyBudgets(*std::move(judging->policy), options.today, report);
  return report;
}

}  // namespace torchassay
