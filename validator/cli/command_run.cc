#include "validator/cli/command_run.h"

#include <memory>
#include <ostream>
#include <utility>

#include "validator/cli/model_options.h"
#include "validator/cli/report_files.h"
#include "validator/cli/usage.h"
#include "validator/report/finding_text.h"
#include "validator/session/run.h"

namespace torchassay {
namespace {

struct Options {
  RunOptions run;
  InputOptions inputs;
};

ExitCode RunModel(Options options, Surroundings& around) {
  if (Status status = RequireInput(options.inputs, "run", "ones:f32[1,3,224,224]"); !status.ok()) {
    return Complain(status, around);
  }
  options.run.inputs = options.inputs.AllSpecs();
  options.run.inputs_path = options.inputs.path;
  ProcessRunner runner = MakeRunner(around);
  Result<RunResult> result = Run(options.run, runner);
  if (!result.ok()) return Complain(result.status(), around);
  for (const ReportedFinding& reported : result->report.findings) {
    around.err << FindingText(reported, around.err_style);
  }
  if (result->report.verdict == ModelVerdict::kPassed) around.out << around.out_style.Printable(RunText(*result));
  return ExitCodeOf(result->report.verdict);
}

}  // namespace

void AddRunCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = NewCommand(app, action, "run", "Call the model once and show what it returns",
                                 [options](Surroundings& around) { return RunModel(*options, around); });
  command->add_option("FILE", options->run.path, "TorchScript file or bundle")->required()->type_name("");
  AddInputOptions(*command, options->inputs,
                  "How to fill one input: ones, zeros, randn, rand or arange, such as ones:x=f32[20]");
  command->add_option("--output", options->run.output_path, "Write the outputs as safetensors")->type_name("FILE");
  command->add_option("--method", options->run.method, "Method to call (default: the bundle's own, or forward)")
      ->type_name("NAME");
  command->add_option("--seed", options->run.seed, "Of random fills (default: 0)")->type_name("N")->check(Seed());
  AddDeviceOption(*command, options->run.device);
  AddLoadOptions(*command, options->run.load);
  AddLimitOptions(*command, options->run.timeout_s, options->run.memory_bytes);
  command->footer("Example: torchassay run resnet18.assay --input 'ones:f32[1,3,224,224]'");
}

}  // namespace torchassay
