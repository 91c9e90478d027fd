#include "validator/cli/command_diff.h"

#include <memory>
#include <ostream>

#include "validator/cli/report_files.h"
#include "validator/report/diff_json.h"
#include "validator/report/diff_text.h"
#include "validator/session/diff.h"

namespace torchassay {
namespace {

struct Options {
  DiffOptions diff;
  bool json = false;
};

ExitCode RunDiff(const Options& options, Surroundings& around) {
  const Result<ModelDiff> diff = Diff(options.diff);
  if (!diff.ok()) return Complain(diff.status(), "diff", options.json, around);
  around.out << (options.json ? RenderDiffJson(*diff) : RenderDiff(*diff, around.out_style));
  return diff->equal() ? kExitPassed : kExitFailed;
}

}  // namespace

void AddDiffCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      NewCommand(app, action, "diff", "How two models differ in signature, structure, operators and weights",
                 [options](Surroundings& around) { return RunDiff(*options, around); });
  command->add_option("OLD", options->diff.old_path, "TorchScript file or bundle")->required()->type_name("");
  command->add_option("NEW", options->diff.new_path, "TorchScript file or bundle")->required()->type_name("");
  command->add_flag("--json", options->json, "Print the differences as JSON");
  command->footer(
      "Exit status 0 where nothing differs, 1 where something does.\n"
      "Example: torchassay diff old.pt new.pt");
}

}  // namespace torchassay
