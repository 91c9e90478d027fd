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
  CHECK(results->empty());
}

}  // namespace
}  // namespace torchassay
