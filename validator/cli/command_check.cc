#include "validator/cli/command_check.h"

#include <memory>
#include <ostream>
#include <utility>

#include "validator/cli/model_options.h"
#include "validator/cli/report_files.h"
#include "validator/report/finding_text.h"
#include "validator/session/check.h"

namespace torchassay {
namespace {

struct Options {
  CheckOptions check;
  InputOptions inputs;
  bool json = false;
};

// A refusal is shown alone: it is the answer, and a summary would only stand in its way.
ExitCode ShowRefusal(const Report& report, Surroundings& around) {
  for (const ReportedFinding& reported : report.findings) around.out << FindingText(reported, around.out_style);
  return ExitCodeOf(report.verdict);
}

ExitCode RunCheck(Options options, Surroundings& around) {
  if (Status status = RequireInput(options.inputs, "check", "f32[1,3,224,224]"); !status.ok()) {
    return Complain(status, around);
  }
  options.check.inputs = options.inputs.AllSpecs();
  options.check.inputs_path = options.inputs.path;
  ProcessRunner runner = MakeRunner(around);
  Result<Report> report = Check(options.check, runner);
  if (!report.ok()) return Complain(report.status(), "check", options.json, around);
  if (!options.json && report->verdict != ModelVerdict::kPassed) return ShowRefusal(*report, around);
  return Finish(std::move(*report), options.json, around);
}

}  // namespace

void AddCheckCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = NewCommand(app, action, "check", "Would the model take this input? Decided before any data runs",
                                 [options](Surroundings& around) { return RunCheck(*options, around); });
  command->add_option("FILE", options->check.path, "TorchScript file or bundle")->required()->type_name("");
  AddInputOptions(*command, options->inputs, "What one input looks like, such as x=f32[1,3,224,224]");
  command->add_option("--method", options->check.method, "Method to call (default: the bundle's own, or forward)")
      ->type_name("NAME");
  AddDeviceOption(*command, options->check.device);
  AddLoadOptions(*command, options->check.load);
  AddLimitOptions(*command, options->check.timeout_s, options->check.memory_bytes);
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->footer("Example: torchassay check resnet18.assay --input 'f32[1,3,224,224]'");
}

}  // namespace torchassay
