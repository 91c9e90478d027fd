#include "validator/runner/supervisor.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace torchassay {
namespace {

// Does what the job's method says.
JobResult Misbehave(const Job& job, Progress& progress) {
  progress.BeginCase("first");
  progress.FinishCase({.name = "first", .kind = "example"});
  progress.BeginCase("second");
  if (job.method == "segfault") raise(SIGSEGV);
  if (job.method == "abort") {
    signal(SIGABRT, SIG_DFL);  // Catch's handler would have the last word
    std::abort();
  }
  if (job.method == "exit") _exit(0);
  if (job.method == "hang") {
    for (;;) pause();
  }
  if (job.method == "print") {
    for (int i = 0; i < 100000; ++i) [[maybe_unused]]
      const auto n = write(STDOUT_FILENO, "chatter\n", 8);
  }
  if (job.method == "allocate") {
    for (;;) std::memset(std::malloc(1 << 20), 1, 1 << 20);
  }
  progress.FinishCase({.name = "second", .kind = "example"});
  return {};
}

JobResult RunAlone(const std::string& what, double timeout = 20, std::int64_t memory = 0) {
  Supervisor supervisor(Misbehave);
  Job job;
  job.method = what;
  job.model_path = "m.pt";
  job.timeout_s = timeout;
  job.memory_bytes = memory;
  REQUIRE(supervisor.Start(7, job).ok());
  for (;;) {
    std::vector<FinishedJob> finished = supervisor.Tend();
    if (!finished.empty()) {
      CHECK(finished[0].number == 7);
      return finished[0].result;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

TEST_CASE("a job that ends well answers with all its cases") {
  const JobResult result = RunAlone("");
  CHECK(result.outcome == Outcome::kFinished);
  CHECK(result.cases.size() == 2);
  CHECK(result.peak_memory_bytes > 0);
}

TEST_CASE("a crash keeps the finished cases and blames the one that ran") {
  const JobResult result = RunAlone("segfault");
  CHECK(result.outcome == Outcome::kCrashed);
  REQUIRE(result.cases.size() == 2);
  CHECK(result.cases[0].findings.empty());
  REQUIRE(result.cases[1].findings.size() == 1);
  CHECK(result.cases[1].findings[0].code == "TA502");
  CHECK(result.cases[1].findings[0].message == "the model crashed with SIGSEGV (Segmentation fault)");
  CHECK(result.cases[1].findings[0].subject == "m.pt: case `second`");
}

TEST_CASE("an abort is named") { CHECK(RunAlone("abort").detail == "crashed with SIGABRT (Aborted)"); }

TEST_CASE("an exit inside the model is no answer") {
  CHECK(RunAlone("exit").detail == "ended its process with exit code 0 before it had an answer");
}

TEST_CASE("a hang ends at its timeout") {
  const JobResult result = RunAlone("hang", 0.2);
  CHECK(result.outcome == Outcome::kTimedOut);
  CHECK(result.detail == "did not finish within 0.2 s");
}

TEST_CASE("a hungry model ends at its memory limit") {
  const JobResult result = RunAlone("allocate", 20, 64 << 20);
  CHECK((result.outcome == Outcome::kOutOfMemory || result.outcome == Outcome::kCrashed));
}

TEST_CASE("a chatty model neither blocks nor floods") { CHECK(RunAlone("print").outcome == Outcome::kFinished); }

}  // namespace
}  // namespace torchassay
