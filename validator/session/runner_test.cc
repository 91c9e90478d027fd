#include "validator/session/runner.h"

#include <catch2/catch.hpp>
#include <cstdio>

namespace torchassay {
namespace {

const char* const kMarker = "runner_test.marker";

std::vector<Job> Jobs(const std::vector<std::string>& methods) {
  std::vector<Job> jobs;
  for (const std::string& method : methods) {
    Job job;
    job.method = method;
    job.output_path = kMarker;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

struct Heard {
  std::vector<JobResult> results;
  std::size_t progress = 0;
};

Heard RunAll(const std::vector<std::string>& methods, int parallel) {
  std::remove(kMarker);
  ProcessRunner runner("validator/wire/fake-runner", "");
  Heard heard;
  RunAllOptions options{.parallel = parallel, .on_result = {}};
  options.on_result = [&](std::size_t, const JobResult&) { ++heard.progress; };
  Result<std::vector<JobResult>> results = runner.RunAll(Jobs(methods), options);
  REQUIRE(results.ok());
  heard.results = *std::move(results);
  return heard;
}

TEST_CASE("jobs that a runner died over are run again by another, and each is heard of once") {
  const int parallel = GENERATE(1, 2, 4);
  const Heard heard = RunAll({"a", "die once", "b", "c", "d"}, parallel);
  REQUIRE(heard.results.size() == 5);
  CHECK(heard.progress == 5);
  for (const JobResult& result : heard.results) CHECK(result.outcome == Outcome::kFinished);
  CHECK(heard.results[0].detail == "a");
  CHECK(heard.results[1].detail == "die once");
  CHECK(heard.results[4].detail == "d");
}

TEST_CASE("a job that kills two runners has crashed, and the others have their results") {
  const int parallel = GENERATE(1, 2, 4);
  const Heard heard = RunAll({"a", "die", "b", "die", "c"}, parallel);
  REQUIRE(heard.results.size() == 5);
  CHECK(heard.progress == 5);
  CHECK(heard.results[0].detail == "a");
  CHECK(heard.results[1].outcome == Outcome::kCrashed);
  CHECK(heard.results[1].detail ==
        "the runner died twice while it ran this model: the runner closed its connection; it was stopped by a signal "
        "(Killed)");
  CHECK(heard.results[2].detail == "b");
  CHECK(heard.results[3].outcome == Outcome::kCrashed);
  CHECK(heard.results[4].detail == "c");
}

TEST_CASE("after a job that kills every runner comes another run") {
  ProcessRunner runner("validator/wire/fake-runner", "");
  REQUIRE(runner.Run(Jobs({"die"})[0]).ok());
  const Result<JobResult> next = runner.Run(Jobs({"next"})[0]);
  REQUIRE(next.ok());
  CHECK(next->detail == "next");
}

TEST_CASE("a runner that never comes up is a status, whatever the jobs") {
  ProcessRunner runner("/bin/false", "");
  const auto results = runner.RunAll(Jobs({"a", "b", "c"}), {.parallel = 2});
  REQUIRE_FALSE(results.ok());
  CHECK(results.status().finding_code() == "TA508");
  CHECK(results.status().message() == "the runner closed its connection; it ended with exit code 1");
}

TEST_CASE("a runner that is nowhere to be found is said when jobs come, and not before") {
  ProcessRunner runner("", "/no/such/folder/torchassay");
  runner.Prepare();
  CHECK(runner.Run({}).status().message() == "the program's other half, `torchassay-runner`, is not there");
}

}  // namespace
}  // namespace torchassay
