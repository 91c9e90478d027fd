#include "validator/cli/command_inspect.h"

#include <array>
#include <memory>
#include <ostream>
#include <utility>

#include "validator/cli/model_options.h"
#include "validator/cli/report_files.h"
#include "validator/report/inspect_json.h"
#include "validator/report/inspect_text.h"
#include "validator/session/describe.h"
#include "validator/session/inspect.h"

namespace torchassay {
namespace {

struct View {
  const char* option;
  InspectView view;
  const char* help;
};

constexpr std::array kViews = {
    View{"--tree", InspectView::kTree, "The module tree, with classes and sizes"},
    View{"--params", InspectView::kParams, "Every parameter and buffer: type, shape, bytes"},
    View{"--code", InspectView::kCode, "The code of every method"},
    View{"--graph", InspectView::kGraph, "The methods as graphs of operators"},
    View{"--ops", InspectView::kOps, "Which operators are used, and how often"},
};

struct Options {
  InspectOptions inspect;
  DescribeOptions describe;
  std::array<bool, kViews.size()> views{};
  bool signature = false;
  bool no_checksums = false;
  bool json = false;
};

InspectView ChosenView(const Options& options) {
  for (std::size_t i = 0; i < kViews.size(); ++i) {
    if (options.views[i]) return kViews[i].view;
  }
  return InspectView::kSummary;
}

ExitCode RunInspect(Options options, Surroundings& around) {
  options.inspect.checksums = !options.no_checksums;
  Result<Inspection> inspection = Inspect(options.inspect);
  if (!inspection.ok()) return Complain(inspection.status(), "inspect", options.json, around);
  if (options.signature) {
    options.describe.path = options.inspect.path;
    ProcessRunner runner = MakeRunner(around);
    if (Status status = DescribeInputs(options.describe, runner, *inspection); !status.ok()) {
      return Complain(status, "inspect", options.json, around);
    }
  }
  const InspectView view = ChosenView(options);
  around.out << (options.json ? RenderInspectionJson(*inspection, view)
                              : RenderInspection(*inspection, view, around.out_style));
  return ExitCodeOf(inspection->verdict);
}

}  // namespace

void AddInspectCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = NewCommand(app, action, "inspect", "What a model file holds, read without running it",
                                 [options](Surroundings& around) { return RunInspect(*options, around); });
  command->add_option("FILE", options->inspect.path, "TorchScript file or bundle")->required()->type_name("");
  std::vector<CLI::Option*> earlier;
  for (std::size_t i = 0; i < kViews.size(); ++i) {
    CLI::Option* flag = command->add_flag(kViews[i].option, options->views[i], kViews[i].help);
    for (CLI::Option* other : earlier) flag->excludes(other);
    earlier.push_back(flag);
  }
  CLI::Option* signature =
      command->add_flag("--signature", options->signature, "Also load the model, and find out which inputs it takes");
  command
      ->add_option("--method", options->describe.method,
                   "Method whose inputs `--signature` finds (default: the bundle's own, or forward)")
      ->type_name("NAME")
      ->needs(signature);
  AddLoadOptions(*command, options->describe.load);
  AddLimitOptions(*command, options->describe.timeout_s, options->describe.memory_bytes);
  command->add_flag("--no-checksums", options->no_checksums, "Do not read the weights to compare their checksums");
  command->add_flag("--json", options->json, "Print everything as JSON");
  command->footer("Example: torchassay inspect resnet18.pt --tree");
}

}  // namespace torchassay
