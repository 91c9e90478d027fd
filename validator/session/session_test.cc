// What the commands ask of the runner and make of its answers, without LibTorch.

#include <catch2/catch.hpp>

#include "validator/session/bench.h"
#include "validator/session/check.h"
#include "validator/session/fake_runner.h"
#include "validator/session/run.h"
#include "validator/session/test_bundle.h"
#include "validator/session/validate.h"

namespace torchassay {
namespace {

const char* const kModel = "testdata/fixtures/my_module.pt";

JobResult Nothing(const Job&) { return {}; }

// Passes the one case of WriteTestBundle.
JobResult Passes(const Job&) {
  JobResult result;
  result.torch_version = "2.13.0";
  Comparison comparison;
  comparison.passed = true;
  comparison.compared = 10;
  CaseResult one;
  one.name = "one";
  one.outputs = {{"output", comparison, {}}};
  one.compared = 1;
  result.cases = {one};
  return result;
}

JobResult Ends(Outcome outcome, const std::string& detail) {
  JobResult result;
  result.outcome = outcome;
  result.detail = detail;
  return result;
}

ValidateOptions Bundles(const std::vector<std::string>& names) {
  const std::string folder = TestFolder("session_test");
  ValidateOptions options;
  for (const std::string& name : names) {
    options.paths.push_back(folder + "/" + name + ".assay");
    WriteTestBundle(options.paths.back(), FileBytes(kModel));
  }
  return options;
}

std::vector<std::string> Codes(const Report& report) {
  std::vector<std::string> codes;
  for (const ReportedFinding& found : report.findings) codes.push_back(found.model + " " + found.finding.code);
  return codes;
}

TEST_CASE("validate asks for each bundle what the caller said") {
  ValidateOptions options = Bundles({"a", "b"});
  options.device = "cuda:1";
  options.timeout_s = 7;
  options.memory_bytes = 1 << 20;
  std::size_t progress = 0;
  options.on_progress = [&](std::size_t done, std::size_t total) { progress = 10 * done + total; };
  FakeRunner runner(Passes);
  const Result<Report> report = Validate(options, runner);
  REQUIRE(report.ok());
  CHECK(report->verdict == ModelVerdict::kPassed);
  CHECK(progress == 22);
  REQUIRE(runner.asked().size() == 2);
  CHECK(runner.prepared());
  const Job& job = runner.asked()[1];
  CHECK(job.kind == JobKind::kValidate);
  CHECK(job.bundle_path == options.paths[1]);
  CHECK(job.device == "cuda:1");
  CHECK(job.timeout_s == 7);
  CHECK(job.memory_bytes == 1 << 20);
}

TEST_CASE("each bundle keeps its own verdict, whatever becomes of the others") {
  FakeRunner runner([](const Job& job) {
    if (job.bundle_path.ends_with("b.assay")) return Ends(Outcome::kCrashed, "the runner died twice");
    if (job.bundle_path.ends_with("c.assay")) return Ends(Outcome::kTimedOut, "did not finish within 1 s");
    return Passes(job);
  });
  const Result<Report> report = Validate(Bundles({"b", "a", "c"}), runner);
  REQUIRE(report.ok());
  CHECK(report->models[0].verdict == ModelVerdict::kCrashed);
  CHECK(report->models[1].verdict == ModelVerdict::kPassed);
  CHECK(report->models[2].verdict == ModelVerdict::kCrashed);
  CHECK(report->verdict == ModelVerdict::kCrashed);
  CHECK(report->environment.torch_version == "2.13.0");
  CHECK(Codes(*report) == std::vector<std::string>{"b.assay TA502", "c.assay TA503"});
}

TEST_CASE("an answer without the bundle's case is no pass") {
  FakeRunner runner(Nothing);
  const Result<Report> report = Validate(Bundles({"a"}), runner);
  REQUIRE(report.ok());
  CHECK(report->verdict == ModelVerdict::kFailed);
  CHECK(Codes(*report) == std::vector<std::string>{"a.assay TA411"});
}

TEST_CASE("where everything that failed is waived and nothing was compared, nothing passes") {
  ValidateOptions options = Bundles({"a"});
  options.policy_path = TestFolder("session_test_policy") + "/policy.json";
  options.today = "2026-01-01";
  WriteFileBytes(options.policy_path, R"({"schema_version": 1, "waivers": [{"code": "TA501", "reason": "known"}]})");
  FakeRunner runner([](const Job& job) {
    JobResult result = Passes(job);
    result.cases[0].compared = 0;
    result.cases[0].outputs.clear();
    Finding raised;
    raised.code = "TA501";
    raised.message = "the model raised";
    result.cases[0].findings = {raised};
    return result;
  });
  const Result<Report> report = Validate(options, runner);
  REQUIRE(report.ok());
  CHECK(report->verdict == ModelVerdict::kNothingChecked);
}

TEST_CASE("what cannot be verified never reaches the runner") {
  ValidateOptions options = Bundles({"stale", "good"});
  WriteFileBytes(options.paths[0] + "/cases/0.safetensors", "changed");
  options.paths.push_back(kModel);
  options.paths.push_back("no/such.assay");
  FakeRunner runner(Passes);
  const Result<Report> report = Validate(options, runner);
  REQUIRE(report.ok());
  CHECK(runner.asked().size() == 1);
  CHECK(report->models[0].verdict == ModelVerdict::kNotDone);
  CHECK(report->models[1].verdict == ModelVerdict::kPassed);
  CHECK(report->models[2].verdict == ModelVerdict::kNothingChecked);
  CHECK(report->models[3].verdict == ModelVerdict::kNotDone);
}

TEST_CASE("what is changed between its hash and its run does not pass") {
  const ValidateOptions options = Bundles({"a", "b"});
  FakeRunner runner([&](const Job& job) {
    if (job.bundle_path == options.paths[1]) {
      const std::string manifest = job.bundle_path + "/manifest.json";
      WriteFileBytes(manifest, FileBytes(manifest) + " ");
      WriteFileBytes(options.paths[0] + "/a.log", "grows");  // beside what is read
    }
    return Passes(job);
  });
  const Result<Report> report = Validate(options, runner);
  REQUIRE(report.ok());
  CHECK(Codes(*report) == std::vector<std::string>{"b.assay TA213"});
  CHECK(report->findings[0].finding.message == "`manifest.json` was changed while the bundle was validated");
  CHECK(report->models[0].verdict == ModelVerdict::kPassed);
  CHECK(report->models[1].verdict == ModelVerdict::kNotDone);
}

TEST_CASE("where nothing can run, validate has a status and no report") {
  FakeRunner runner(Passes);
  runner.Break(Status(StatusCode::kInternal, "TA508", "no runner"));
  CHECK(Validate(Bundles({"a"}), runner).status().finding_code() == "TA508");
}

TEST_CASE("of a wrong output, the first submodule that differs is asked for") {
  FakeRunner runner([](const Job& job) {
    JobResult result = Passes(job);
    Finding wrong;
    wrong.code = "TA401";
    wrong.message = "output `output` differs from its reference";
    if (job.kind == JobKind::kValidate) result.cases[0].outputs[0].findings = {wrong};
    result.submodules = {{"first", "Linear", 0, {}, false, ""}, {"second", "Linear", 0, {}, true, "by much"}};
    result.first_difference = 1;
    return result;
  });
  ValidateOptions options = Bundles({"a"});
  options.localise = true;
  const Result<Report> report = Validate(options, runner);
  REQUIRE(report.ok());
  REQUIRE(runner.asked().size() == 2);
  CHECK(runner.asked()[1].kind == JobKind::kLocalise);
  CHECK(runner.asked()[1].case_name == "one");
  CHECK(report->models[0].error_starts_at == "second");
}

TEST_CASE("a bundle's own signature refuses before the model is loaded") {
  CheckOptions options;
  options.path = Bundles({"a"}).paths[0];
  options.inputs = {"x=f32[21]"};
  FakeRunner runner(Nothing);
  const Result<Report> report = Check(options, runner);
  REQUIRE(report.ok());
  CHECK(report->verdict == ModelVerdict::kFailed);
  CHECK(runner.asked().empty());
  options.inputs = {"x=f32[20]"};
  CHECK(Check(options, runner)->verdict == ModelVerdict::kPassed);
  CHECK(runner.asked().size() == 1);
}

TEST_CASE("a wrong command line is said before anything is started") {
  FakeRunner runner(Nothing);
  RunOptions run;
  run.path = kModel;
  run.inputs = {"ones:f23[3]"};
  CHECK(Run(run, runner).status().finding_code() == "TA310");
  CheckOptions check;
  check.path = kModel;
  check.inputs = {"f32[20"};
  CHECK(Check(check, runner).status().finding_code() == "TA310");
  CHECK_FALSE(runner.prepared());
  BenchOptions bench;
  bench.path = kModel;
  CHECK(Bench(bench, runner).status().message() == "`bench` needs a bundle: `my_module.pt` holds no inputs");
  CHECK(runner.asked().empty());
}

TEST_CASE("a run shows its outputs side by side, and what the model raised as a finding") {
  FakeRunner runner([](const Job&) {
    JobResult result;
    result.outputs = {{"output[0]", "f32[2]", {"1", "2"}}, {"output[10]", "i64[]", {"7"}}};
    return result;
  });
  RunOptions options;
  options.path = kModel;
  options.inputs = {"ones:f32[20]"};
  const Result<RunResult> ran = Run(options, runner);
  REQUIRE(ran.ok());
  CHECK(RunText(*ran) == "ok\noutput[0]    f32[2]   1 2\noutput[10]   i64[]    7\n");

  FakeRunner raising([](const Job&) { return Ends(Outcome::kRaised, "the model raised: bad k"); });
  const Result<RunResult> raised = Run(options, raising);
  REQUIRE(raised.ok());
  CHECK(raised->report.verdict == ModelVerdict::kFailed);
  CHECK(raised->report.findings[0].finding.message == "the model raised: bad k");
}

TEST_CASE("a bench without numbers has measured nothing") {
  BenchOptions options;
  options.path = Bundles({"a"}).paths[0];
  FakeRunner silent(Nothing);
  CHECK(Bench(options, silent)->verdict == ModelVerdict::kNothingChecked);
  FakeRunner measuring([](const Job&) {
    JobResult result;
    result.bench = BenchNumbers{.p50 = 2, .calls = 10};
    return result;
  });
  const Result<Report> report = Bench(options, measuring);
  REQUIRE(report.ok());
  CHECK(report->verdict == ModelVerdict::kPassed);
  CHECK(report->models[0].measured.latency->p50_ms == 2);
}

}  // namespace
}  // namespace torchassay
