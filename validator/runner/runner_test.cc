// The runner from outside, through its client: each fixture ends in a clean verdict of its own job.

#include <catch2/catch.hpp>

#include "validator/wire/runner_client.h"

namespace torchassay {
namespace {

RunnerClient StartRunner() {
  Result<RunnerClient> runner = RunnerClient::Start({.runner_path = "validator/runner/torchassay-runner"});
  REQUIRE(runner.ok());
  return *std::move(runner);
}

Job MakeJob(JobKind kind, const std::string& fixture, std::vector<std::string> inputs = {}) {
  Job job;
  job.kind = kind;
  job.model_path = "testdata/fixtures/" + fixture;
  job.inputs = std::move(inputs);
  return job;
}

JobResult RunOne(const Job& job) {
  RunnerClient runner = StartRunner();
  Result<JobResult> result = runner.Run(job);
  REQUIRE(result.ok());
  return *std::move(result);
}

TEST_CASE("the tutorial's module takes a vector of 20 and nothing else") {
  const JobResult result = RunOne(MakeJob(JobKind::kDescribe, "my_module.pt"));
  REQUIRE(result.signature.has_value());
  REQUIRE(result.signature->inputs.size() == 1);
  CHECK(PrintArgument(result.signature->inputs[0]) == "f32[20]");
}

TEST_CASE("a picture for the tutorial's module is refused with the operator that minds") {
  const JobResult result = RunOne(MakeJob(JobKind::kCheck, "my_module.pt", {"f32[1,3,224,224]"}));
  REQUIRE(result.findings.size() == 1);
  CHECK(result.findings[0].code == "TA301");
  CHECK_THAT(result.findings[0].message,
             Catch::Contains("expected 1-D f32[20], got 4-D f32[1,3,224,224]: `torch.mv` at ") &&
                 Catch::Contains("needs a 1-D vector of 20 elements"));
}

TEST_CASE("what a model takes has no findings") {
  CHECK(RunOne(MakeJob(JobKind::kCheck, "my_module.pt", {"f32[20]"})).findings.empty());
}

TEST_CASE("a model runs and shows what it returns") {
  const JobResult result = RunOne(MakeJob(JobKind::kRun, "my_module.pt", {"ones:f32[20]"}));
  CHECK(result.outcome == Outcome::kFinished);
  REQUIRE(result.outputs.size() == 1);
  CHECK(result.outputs[0].text == "f32[10]");
  CHECK(result.outputs[0].values.size() == 10);
}

TEST_CASE("one bad model after the other, and the good one among them is served") {
  RunnerClient runner = StartRunner();
  std::vector<Job> jobs;
  for (const char* fixture : {"segfaults.pt", "loops_forever.pt", "my_module.pt", "state_dict.pt", "no_such_file.pt"}) {
    jobs.push_back(MakeJob(JobKind::kRun, fixture, {"ones:f32[20]"}));
    jobs.back().timeout_s = 3;
  }
  const Result<Answers> answers = runner.RunAll(jobs, {.parallel = 2});
  REQUIRE(answers.ok());
  REQUIRE(answers->death.ok());
  CHECK(answers->results[0]->outcome == Outcome::kCrashed);
  CHECK(answers->results[1]->outcome == Outcome::kTimedOut);
  CHECK(answers->results[2]->outcome == Outcome::kFinished);
  CHECK(answers->results[3]->outcome == Outcome::kCouldNotLoad);
  CHECK(answers->results[4]->outcome == Outcome::kCouldNotLoad);
}

TEST_CASE("a device that is not there is said so") {
  Job job = MakeJob(JobKind::kRun, "my_module.pt", {"ones:f32[20]"});
  job.device = "cuda:99";
  CHECK(RunOne(job).outcome == Outcome::kDeviceMissing);
}

TEST_CASE("two models of one shape and different weights differ in a submodule that is named") {
  Job job = MakeJob(JobKind::kLocalise, "traced_conv.pt", {"randn:f32[1,3,8,8]"});
  job.other_model_path = "testdata/fixtures/traced_conv_changed.pt";
  const JobResult result = RunOne(job);
  CAPTURE(result.detail);
  REQUIRE(result.first_difference.has_value());
  CHECK(result.submodules[*result.first_difference].differs);
}

TEST_CASE("a bench has a first call, a warm-up and quantiles in order") {
  Job job = MakeJob(JobKind::kBench, "my_module.pt", {"ones:f32[20]"});
  job.bench_seconds = 0.1;
  const JobResult result = RunOne(job);
  REQUIRE(result.bench.has_value());
  CHECK(result.bench->p50 <= result.bench->p90);
  CHECK(result.bench->p90 <= result.bench->p99);
  CHECK(result.bench->calls >= 10);
}

}  // namespace
}  // namespace torchassay
