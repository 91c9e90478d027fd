#include "validator/report/finding_text.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

const TerminalStyle kPlain(Colours::kNever);

TEST_CASE("a refused input reads in two lines") {
  ReportedFinding reported;
  reported.finding.code = "TA301";
  reported.finding.message = "input `input` refused: expected 1-D f32[20], got 4-D f32[1,3,224,224]";
  reported.finding.subject = "my_module_model.pt: torch.mv at my_module.py:12 needs a 1-D vector";
  CHECK(FindingText(reported, kPlain) ==
        "error[TA301]: input `input` refused: expected 1-D f32[20], got 4-D f32[1,3,224,224]\n"
        "  --> my_module_model.pt: torch.mv at my_module.py:12 needs a 1-D vector\n");
}

TEST_CASE("a proved divergence shows its statement, what was baked in and what proves it") {
  ReportedFinding reported;
  Finding& finding = reported.finding;
  finding.code = "TA101";
  finding.verdict = Verdict::kProved;
  finding.message = "a branch was decided by a tensor's value";
  finding.file = "my_module.py";
  finding.line = 12;
  finding.column = 9;
  finding.function = "MyModule.forward";
  finding.module = "gate";
  finding.statement = "if x.sum() > 0:";
  finding.baked = "True";
  finding.dropped_lines = {15, 16, 17, 20};
  finding.counterexample = "counterexample-1";
  finding.max_abs_error = 2;
  finding.notes = {"reached from `Net.forward`"};
  finding.help = "use `torch.where`\nor script it";
  CHECK(FindingText(reported, kPlain) ==
        "error[TA101]: a branch was decided by a tensor's value\n"
        "  --> my_module.py:12:9 in `MyModule.forward`, submodule `gate`\n"
        "12 | if x.sum() > 0:\n"
        "   baked        True\n"
        "   dropped      lines 15-17, 20\n"
        "   shown by     case `counterexample-1`, largest error 2.0e+00\n"
        "   = note: reached from `Net.forward`\n"
        "   = help: use `torch.where`\n"
        "           or script it\n");
}

TEST_CASE("where the source is at hand the statement is underlined in its line") {
  ReportedFinding reported;
  Finding& finding = reported.finding;
  finding.code = "TA101";
  finding.message = "decided once";
  finding.file = "gate.py";
  finding.line = 9;
  finding.statement = "if x.sum() > 0:";
  reported.source =
      SourceExcerpt{"gate.py", 8, {"    def forward(self, x):", "        if x.sum() > 0:  # gate", "            y"}};
  CHECK(FindingText(reported, kPlain) ==
        "error[TA101]: decided once\n"
        "  --> gate.py:9\n"
        "  |\n"
        "9 |         if x.sum() > 0:  # gate\n"
        "  |         ^^^^^^^^^^^^^^^\n");
}

TEST_CASE("without a place of its own a finding stands at its case") {
  ReportedFinding reported;
  reported.model = "resnet18.assay";
  reported.case_name = "sampled-3";
  CHECK(PlaceText(reported) == "resnet18.assay: case `sampled-3`");
}

TEST_CASE("what a file says can neither steer a terminal nor look like a line of ours") {
  ReportedFinding reported;
  reported.finding.message = "a\x1b[2J\npassed   net.assay\r\n::error::forged";
  reported.finding.file = std::nullopt;
  reported.finding.subject = "net.assay\n::error::forged";
  const std::string text = FindingText(reported, TerminalStyle(Colours::kAlways));
  CHECK(text.find("\x1b[2J") == std::string::npos);
  CHECK(text.find("a\\x1b[2J\n  passed   net.assay\\x0d\n\\  ::error::forged") != std::string::npos);
  CHECK(text.find("net.assay\\n::error::forged\n") != std::string::npos);
}

TEST_CASE("of several calls the one that differs is named") {
  ReportedFinding reported;
  reported.model = "net.assay";
  reported.case_name = "one";
  reported.output = "output (call 2, repeat 3)";
  CHECK(PlaceText(reported) == "net.assay: case `one` (call 2, repeat 3)");
  reported.output = "output[\"a (b)\"]";
  CHECK(PlaceText(reported) == "net.assay: case `one`");
}

TEST_CASE("colours surround words and change none") {
  const std::string text = StatusText(Status(StatusCode::kNotFound, "no such file"), TerminalStyle(Colours::kAlways));
  CHECK(text == "\x1b[1;31merror\x1b[0m\x1b[1m: no such file\x1b[0m\n");
}

}  // namespace
}  // namespace torchassay
