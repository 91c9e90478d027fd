#include "validator/session/bench.h"

#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/compare/compare_values.h"
#include "validator/gate/apply_policy.h"
#include "validator/report/number_text.h"
#include "validator/session/judging.h"
#include "validator/session/report_parts.h"

namespace torchassay {
namespace {

Job JobFor(const BenchOptions& options, const ModelFile& file) {
  Job job;
  job.kind = JobKind::kBench;
  job.model_path = file.model_path;
  job.bundle_path = file.bundle->path;
  job.method = file.bundle->manifest.signature.method;
  job.device = options.device;
  job.case_name = options.case_name;
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

Finding NothingMeasured(const std::string& name) {
  Finding finding = NothingCompared(name);
  finding.message = "nothing was measured";
  return finding;
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
  if (file->bundle->manifest.cases.empty()) {
    AddFinding(report, model.name, NothingMeasured(model.name));
  } else {
    if (Status status = VerifyCases(RealFileSystem(), *file->bundle); !status.ok()) return status;
    Result<JobResult> result = runner.Run(JobFor(options, *file));
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
