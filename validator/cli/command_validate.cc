#include "validator/cli/command_validate.h"

#include <memory>
#include <ostream>
#include <utility>

#include "validator/base/file.h"
#include "validator/cli/model_options.h"
#include "validator/cli/report_files.h"
#include "validator/cli/usage.h"
#include "validator/session/validate.h"

namespace torchassay {
namespace {

struct Options {
  ValidateOptions validate;
  ReportFiles files;
};

void ShowProgress(std::size_t done, std::size_t total, std::ostream& err) {
  err << "\r" << done << " of " << total << " models" << (done == total ? "\r\x1b[K" : "") << std::flush;
}

ExitCode RunValidate(Options options, Surroundings& around) {
  options.validate.today = around.created.substr(0, 10);
  // A baseline may be replaced: it has been read by then, and a ratchet writes it anew.
  std::vector<std::string> inputs = {options.validate.policy_path};
  for (const std::string& bundle : options.validate.paths) inputs.push_back(JoinPath(bundle, "manifest.json"));
  if (Status status = CheckReportFiles(options.files, inputs); !status.ok()) return Complain(status, around);
  options.validate.localise |= !options.validate.against_path.empty();
  if (around.err_is_terminal && options.validate.paths.size() > 1) {
    options.validate.on_progress = [&around](std::size_t done, std::size_t total) {
      ShowProgress(done, total, around.err);
    };
  }
  ProcessRunner runner = MakeRunner(around);
  Result<Report> report = Validate(options.validate, runner);
  if (!report.ok()) return Complain(report.status(), around);
  return Finish(std::move(*report), options.files, around);
}

}  // namespace

void AddValidateCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = NewCommand(app, action, "validate", "Run a bundle's cases and compare with its references",
                                 [options](Surroundings& around) { return RunValidate(*options, around); });
  command->add_option("BUNDLE", options->validate.paths, "Bundles to validate")->required()->type_name("");
  AddDeviceOption(*command, options->validate.device);
  command->add_option("--jobs", options->validate.jobs, "Models at once (default: 1)")
      ->type_name("N")
      ->check(AtLeastOne());
  command->add_option("--policy", options->validate.policy_path, "What must hold: tolerances, budgets, waivers")
      ->type_name("FILE");
  command->add_option("--baseline", options->validate.baseline_path, "Earlier result: fail only on what got worse")
      ->type_name("RESULT.json");
  AddLimitOptions(*command, options->validate.timeout_s, options->validate.memory_bytes);
  command->add_flag("--localise", options->validate.localise,
                    "Of a wrong output, name the first submodule that differs");
  command
      ->add_option("--against", options->validate.against_path,
                   "Localise by comparing with this model instead of recorded submodules")
      ->type_name("MODEL");
  AddLoadOptions(*command, options->validate.load);
  AddReportFiles(*command, options->files);
  AddAnnotations(*command, options->files);
  command->footer("Example: torchassay validate resnet18.assay --html report.html");
}

}  // namespace torchassay
