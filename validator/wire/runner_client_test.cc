#include "validator/wire/runner_client.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("a runner that is not there is an error that names the path") {
  const Result<RunnerClient> runner = RunnerClient::Start({.runner_path = "/no/such/runner"});
  REQUIRE_FALSE(runner.ok());
  CHECK(runner.status().finding_code() == "TA508");
  CHECK(runner.status().message() == "no runner at `/no/such/runner`: No such file or directory");
}

TEST_CASE("a runner that dies at once is a status and no hang") {
  Result<RunnerClient> runner = RunnerClient::Start({.runner_path = "/bin/false"});
  REQUIRE(runner.ok());
  const Status status = runner->Run({}).status();
  CHECK(status.code() == StatusCode::kInternal);
  CHECK(status.message().ends_with("it ended with exit code 1"));
}

TEST_CASE("a runner that never greets is given up") {
  Result<RunnerClient> runner =
      RunnerClient::Start({.runner_path = "validator/wire/silent-runner.sh", .greeting_s = 0.1});
  REQUIRE(runner.ok());
  CHECK(runner->Run({}).status().message().starts_with("the runner has not answered within 0.1 s; it was stopped by"));
}

TEST_CASE("a dead runner stays dead") {
  Result<RunnerClient> runner = RunnerClient::Start({.runner_path = "/bin/false"});
  REQUIRE(runner.ok());
  CHECK_FALSE(runner->Run({}).ok());
  CHECK(runner->Run({}).status().message() == "the runner was stopped");
}

TEST_CASE("no jobs have no results") {
  Result<RunnerClient> runner = RunnerClient::Start({.runner_path = "/bin/cat"});
  REQUIRE(runner.ok());
  const auto results = runner->RunAll({});
  REQUIRE(results.ok());
  CHECK(results->results.empty());
}

TEST_CASE("a runner that dies leaves what it answered, and which jobs it had") {
  Result<RunnerClient> runner = RunnerClient::Start({.runner_path = "validator/wire/fake-runner"});
  REQUIRE(runner.ok());
  std::vector<Job> jobs(5);
  jobs[0].method = "first";
  jobs[2].method = "die";
  const Result<Answers> answers = runner->RunAll(jobs, {.parallel = 2});
  REQUIRE(answers.ok());
  CHECK(answers->results[0]->detail == "first");
  CHECK(answers->results[1].has_value());
  CHECK_FALSE(answers->results[2].has_value());
  CHECK(answers->begun >= 3);
  CHECK(answers->begun <= 4);
  CHECK(answers->death.finding_code() == "TA508");
  CHECK(answers->death.message() == "the runner closed its connection; it was stopped by a signal (Killed)");
}

}  // namespace
}  // namespace torchassay
