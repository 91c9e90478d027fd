// The battery of testdata/signatures: what each model takes is described as the table says, and every call of the
// table is judged as it comes out when the model really runs.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "validator/base/file.h"
#include "validator/base/json.h"
#include "validator/runner/execute.h"
#include "validator/signature/signature.h"

namespace torchassay {
namespace {

class NoProgress final : public Progress {
  void BeginCase(const std::string&) override {}
  void FinishCase(const CaseResult&) override {}
};

JobResult Ask(JobKind kind, const std::string& model, std::vector<std::string> inputs = {}) {
  Job job;
  job.kind = kind;
  job.model_path = "testdata/signatures/" + model;
  job.inputs = std::move(inputs);
  job.threads = 1;
  NoProgress progress;
  return Execute(job, progress);
}

Json Table() {
  const Result<std::string> text = RealFileSystem().Read("testdata/signatures/battery.json");
  REQUIRE(text.ok());
  return *ParseJson(*text, "battery.json");
}

// Integers are zeros, since they may be indices; floats are random, since zeros may be a singular matrix.
std::string Filled(const std::string& spec) {
  const std::string value = spec.substr(spec.find('=') == std::string::npos ? 0 : spec.find('=') + 1);
  if (value.find('[') == std::string::npos) return spec;
  const bool floats = value[0] == 'f' || value[0] == 'c' || value.starts_with("bf16");
  return (floats ? "rand:" : "zeros:") + spec;
}

bool Accepted(const JobResult& result) { return result.outcome == Outcome::kFinished && result.findings.empty(); }

std::string Text(const JobResult& result) {
  std::string text;
  for (const Finding& finding : result.findings) text += finding.code + ": " + finding.message + "\n";
  return text;
}

// The catalogue's refusals of inputs, in words that say nothing of LibTorch's inside.
bool IsPlain(const std::string& text) {
  for (const char* inside : {"c10::", "Traceback", "Exception raised from"}) {
    if (text.find(inside) != std::string::npos) return false;
  }
  return text.starts_with("TA3");
}

// "x=f32[N,3,8,8]; times=int": arguments of which something is known.
std::string Described(const JobResult& result) {
  std::string text;
  if (!result.signature) return text;
  for (const ArgumentSpec& argument : result.signature->inputs) {
    if (!argument.alternatives.empty())
      text += (text.empty() ? "" : "; ") + argument.path + "=" + PrintArgument(argument);
  }
  return text;
}

TEST_CASE("what a model takes is described as the table says, each statement with its evidence") {
  for (const Json& entry : Table()) {
    const std::string model = entry["model"];
    CAPTURE(model);
    const JobResult result = Ask(JobKind::kDescribe, model);
    CAPTURE(Text(result));
    CHECK(Described(result) == entry["takes"]);
    for (const ArgumentSpec& argument : result.signature->inputs) {
      const bool tensor =
          !argument.alternatives.empty() && std::holds_alternative<TensorSpec>(argument.alternatives[0]);
      if (tensor) CHECK_FALSE(argument.evidence.empty());
    }
  }
}

TEST_CASE("a call is refused before it runs exactly where running it fails") {
  for (const Json& entry : Table()) {
    const std::string model = entry["model"];
    for (const Json& call : entry["calls"]) {
      std::vector<std::string> filled;
      bool by_values = false;  // no fill shows what only some values of a range do
      for (const std::string spec : call["inputs"]) {
        filled.push_back(Filled(spec));
        by_values |= spec.find('{') != std::string::npos && !call["accepted"];
      }
      CAPTURE(model, call["inputs"].dump());
      const JobResult checked = Ask(JobKind::kCheck, model, call["inputs"]);
      const JobResult ran = Ask(JobKind::kRun, model, filled);
      CAPTURE(Text(checked), Text(ran));
      CHECK(Accepted(checked) == call["accepted"]);
      CHECK((by_values || Accepted(ran) == call["accepted"]));
      if (!Accepted(checked)) CHECK(IsPlain(Text(checked)));
    }
  }
}

TEST_CASE("a size that is refused is told in the element type of the call, where that is taken") {
  const JobResult checked = Ask(JobKind::kCheck, "within_lengths.pt", {"f32[2,5,6]", "i64[3]"});
  CHECK_THAT(Text(checked),
             Catch::Contains("input `lengths`: expected 1-D i64[N], got 1-D i64[3]: dimension 0 must be 2"));
}

}  // namespace
}  // namespace torchassay
