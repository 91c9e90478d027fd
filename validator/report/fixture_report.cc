#include "validator/report/fixture_report.h"

#include <cmath>
#include <limits>

#include "validator/report/version.h"

namespace torchassay {
namespace {

Comparison Passing() {
  Comparison comparison;
  comparison.dtype = DType::kF32;
  comparison.shape = {1, 1000};
  comparison.tolerance = {1.3e-6, 1e-5};
  comparison.nan_policy = NanPolicy::kEqualWhereExpected;
  comparison.passed = true;
  comparison.compared = 1000;
  comparison.differing = 412;
  comparison.max_abs_error = 2.8610229e-6;
  comparison.max_rel_error = 4.1e-5;
  comparison.max_ulp = 44;
  comparison.mean_error = 3.2e-7;
  comparison.rms_error = 5.5e-7;
  comparison.cosine = 0.999999999;
  comparison.histogram = {{-8, 3}, {-7, 352}, {-6, 57}};
  comparison.needed_atol = 1e-5;
  comparison.needed_rtol = 1.3e-6;
  return comparison;
}

Comparison Failing() {
  Comparison comparison = Passing();
  comparison.passed = false;
  comparison.shape = {4, 1000};
  comparison.compared = 4000;
  comparison.mismatched = 38;
  comparison.differing = 3120;
  comparison.max_abs_error = 3.1e-4;
  comparison.histogram = {{-8, 11}, {-7, 2104}, {-6, 899}, {-5, 69}, {-4, 37}};
  comparison.non_finite.nan_actual = 1;
  comparison.worst = {
      {{0, 3}, std::numeric_limits<double>::quiet_NaN(), 0.5, std::numeric_limits<double>::quiet_NaN(), 1.1e-5},
      {{2, 117}, 0.413147, 0.412837, 3.1e-4, 1.05e-5}};
  comparison.needed_atol.reset();
  comparison.needed_rtol.reset();
  return comparison;
}

Finding Differs() {
  Finding finding;
  finding.code = "TA401";
  finding.message = "output `logits` differs from its reference";
  finding.evidence = {{"mismatched", "38 of 4000 elements (0.9 %), 1 NaN where a number was expected"},
                      {"worst", "at [2, 117]: expected 0.412837, got 0.413147, allowed 1.1e-05"},
                      {"would pass", "with no tolerance: NaN on one side"}};
  finding.help = "find the first differing submodule with `--localise`";
  return finding;
}

Finding Divergence() {
  Finding finding;
  finding.code = "TA101";
  finding.verdict = Verdict::kProved;
  finding.message = "the branch on `x.sum() > 0 & x < 1` was decided by a tensor's value";
  finding.file = "my_module.py";
  finding.line = 12;
  finding.end_line = 12;
  finding.function = "MyModule.forward";
  finding.statement = "if x.sum() > 0 & x < 1:";
  finding.baked = "True";
  finding.dropped_lines = {15};
  finding.counterexample = "counterexample-1";
  finding.max_abs_error = 2.0;
  finding.help = "use `torch.where`, or convert with `--mode script`";
  return finding;
}

ReportedFinding At(Finding finding, const std::string& model, const std::string& case_name = "",
                   const std::string& output = "") {
  ReportedFinding reported;
  reported.fails = FailsByDefault(finding);
  reported.finding = std::move(finding);
  reported.model = model;
  reported.case_name = case_name;
  reported.output = output;
  return reported;
}

ReportedFinding WithSource(ReportedFinding reported) {
  reported.source = SourceExcerpt{
      "models/my_module.py",
      10,
      {"", "    def forward(self, x):", "        if x.sum() > 0 & x < 1:", "            y = self.weight.mv(x)",
       "        else:", "            y = self.weight + x", "        return y"}};
  return reported;
}

Finding Plain(const char* code, Severity severity, Verdict verdict, const char* message) {
  Finding finding;
  finding.code = code;
  finding.severity = severity;
  finding.verdict = verdict;
  finding.message = message;
  return finding;
}

ModelReport Resnet() {
  ModelReport model;
  model.name = "resnet18.assay";
  model.origin = {"resnet18.py:build", "trace", "2.13.0", true};
  model.files = {{"model.pt", 46837120, std::string(64, 'a')}, {"cases/000.safetensors", 606208, std::string(64, 'b')}};
  model.modules = {{"", "ResNet", 11689512, 46804128},
                   {"conv1", "Conv2d", 9408, 37632},
                   {"layer1", "Sequential", 147968, 594976},
                   {"layer1.0", "BasicBlock", 73984, 297488},
                   {"fc", "Linear", 513000, 2052000}};
  model.cases = {{"example", "example", true, {{"output", true, Passing()}}},
                 {"sampled-1", "sampled", true, {{"output", true, Passing()}}}};
  model.measured.load_ms = 62.5;
  model.measured.peak_bytes = 231735296;
  model.measured.case_ms = {{"example", 48.2}, {"sampled-1", 31.0}};
  return model;
}

ModelReport MyModule() {
  ModelReport model;
  model.name = "my <module> & co.assay";
  model.origin = {"my_module.py:MyModule", "trace", "2.13.0", false};
  model.files = {{"model.pt", 3120, std::string(64, 'c')}};
  model.modules = {{"", "MyModule", 200, 800},
                   {"embed", "Linear", 100, 400, ModuleError{false, 4000, 0, 2.4e-7}},
                   {"gate", "Gate", 100, 400, ModuleError{true, 4000, 38, 3.1e-4}}};
  model.error_starts_at = "gate";
  model.facts = {{"starts at", "`gate` (Gate): 38 of 4000 elements (0.9 %), largest error 3.1e-04"}};
  model.cases = {{"example", "example", true, {{"logits", true, Passing()}, {"mask|all", true, {}}}},
                 {"counterexample-1", "counterexample", false, {{"logits", false, Failing()}}}};
  model.measured.case_ms = {{"example", 0.8}, {"counterexample-1", 0.7}};
  return model;
}

ModelReport Empty(const char* name) {
  ModelReport model;
  model.name = name;
  return model;
}

}  // namespace

Report FixtureReport() {
  Report report;
  report.command = "validate";
  report.created = "2026-11-23T20:28:00Z";
  report.environment = {kVersion, "2.13.0", "linux-x86_64", "cpu"};
  report.models = {Resnet(), MyModule(), Empty("stale.assay"), Empty("crashing.assay"), Empty("bare.pt")};
  const std::string my_module = report.models[1].name;
  report.findings = {
      At(Plain("TA602", Severity::kError, Verdict::kFailed, "the waiver of `TA106` accepts nothing"), ""),
      WithSource(At(Divergence(), my_module)),
      At(Plain("TA105", Severity::kWarning, Verdict::kPossible, "the size of `x` was frozen"), my_module),
      At(Plain("TA103", Severity::kNote, Verdict::kDismissed, "both sides of the branch are equal"), my_module),
      At(Differs(), my_module, "counterexample-1", "logits"),
      At(Plain("TA213", Severity::kError, Verdict::kFailed,
               "`cases/000.safetensors` is not the file that was recorded"),
         "stale.assay"),
      At(Plain("TA502", Severity::kError, Verdict::kFailed, "the model crashed: segmentation fault"), "crashing.assay"),
      At(Plain("TA408", Severity::kError, Verdict::kFailed,
               "`bare.pt` is a bare TorchScript file: there is nothing to compare it with"),
         "bare.pt")};
  report.findings[3].finding.file = "my_module.py";
  report.findings[3].finding.line = 20;
  Judge(report);
  return report;
}

}  // namespace torchassay
