// Measures how long a model takes: loading, first call, warm-up, then the settled calls.

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>

#include "validator/base/strings.h"
#include "validator/runner/bundle_call.h"
#include "validator/runner/inputs.h"
#include "validator/runner/jobs.h"
#include "validator/runner/model.h"

namespace torchassay {
namespace {

using Clock = std::chrono::steady_clock;

// Calls are settled when two windows of this length differ by less than the tolerance.
constexpr std::size_t kWindow = 3;
constexpr double kSettled = 0.1;
constexpr std::size_t kMostWarmup = 30;
constexpr std::size_t kFewestCalls = 10;
constexpr std::size_t kMostCalls = 100'000;

double Milliseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

// The q-quantile of ascending samples, by the nearest rank.
double Quantile(const std::vector<double>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[std::min(rank, sorted.size() - 1)];
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return Quantile(values, 0.5);
}

bool IsSettled(const std::vector<double>& times) {
  if (times.size() < 2 * kWindow) return false;
  const double last = MedianOf({times.end() - kWindow, times.end()});
  const double before = MedianOf({times.end() - 2 * kWindow, times.end() - kWindow});
  return std::abs(last - before) <= kSettled * before;
}

void Summarise(BenchNumbers& bench) {
  std::vector<double> sorted = bench.samples;
  std::sort(sorted.begin(), sorted.end());
  bench.calls = static_cast<std::int64_t>(sorted.size());
  bench.p50 = Quantile(sorted, 0.5);
  bench.p90 = Quantile(sorted, 0.9);
  bench.p99 = Quantile(sorted, 0.99);
  bench.minimum = sorted.front();
  bench.maximum = sorted.back();
  const double total = std::accumulate(sorted.begin(), sorted.end(), 0.0);
  bench.mean = total / static_cast<double>(sorted.size());
  bench.throughput = total > 0 ? 1000 * static_cast<double>(sorted.size()) / total : 0;
}

// Times one call; its arguments are made before the clock starts.
double TimeCall(Model& model, const std::function<Arguments()>& make) {
  Arguments arguments = make();
  const Clock::time_point start = Clock::now();
  model.Call(std::move(arguments));
  if (model.device().is_cuda()) at::detail::getCUDAHooks().deviceSynchronize(model.device().index());
  return Milliseconds(start);
}

BenchNumbers Measure(const Job& job, Model& model, const std::function<Arguments()>& make) {
  BenchNumbers bench;
  bench.load = model.load_ms();
  bench.threads = at::get_num_threads();
  bench.first_call = TimeCall(model, make);
  while (bench.warmup.size() < kMostWarmup && !IsSettled(bench.warmup)) bench.warmup.push_back(TimeCall(model, make));
  const Clock::time_point start = Clock::now();
  while (bench.samples.size() < kMostCalls &&
         (bench.samples.size() < kFewestCalls || Milliseconds(start) < 1000 * job.bench_seconds)) {
    bench.samples.push_back(TimeCall(model, make));
  }
  Summarise(bench);
  return bench;
}

const CaseCall& FindCall(const Manifest& manifest, const std::string& name) {
  for (const Case& test : manifest.cases) {
    if (test.name == name && !test.calls.empty()) return test.calls[0];
  }
  throw ModelError(Outcome::kUnusable, "TA411", "the bundle has no case " + Quote(name));
}

}  // namespace

JobResult BenchJob(const Job& job) {
  JobResult result;
  const at::Device device = FindDevice(job.device);
  if (job.bundle_path.empty()) {
    Model model(job.model_path, job.method, device);
    const JobInputs inputs(job, ParameterNames(model.schema()), /*need_fill=*/true);
    result.bench = Measure(job, model, [&] { return inputs.Make(model.schema(), device); });
  } else {
    const Bundle bundle = OpenBundleOrThrow(job.bundle_path);
    Model model(bundle.model_path, bundle.manifest.signature.method, device);
    const BundleCall call(bundle, FindCall(bundle.manifest, job.case_name));
    result.bench = Measure(job, model, [&] { return call.Make(model.schema(), device); });
  }
  result.load_ms = result.bench->load;
  return result;
}

}  // namespace torchassay
