#include "validator/cli/command_compare.h"

#include <memory>
#include <utility>

#include "validator/cli/report_files.h"
#include "validator/cli/usage.h"
#include "validator/session/compare.h"

namespace torchassay {
namespace {

struct Options {
  CompareFilesOptions compare;
  bool equal_nan = false;
  bool json = false;
};

ExitCode RunCompare(Options options, Surroundings& around) {
  if (options.equal_nan) options.compare.nan_policy = NanPolicy::kEqualWhereExpected;
  Result<Report> report = CompareFiles(options.compare);
  if (!report.ok()) return Complain(report.status(), "compare", options.json, around);
  return Finish(std::move(*report), options.json, around);
}

}  // namespace

void AddCompareCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = NewCommand(app, action, "compare", "Compare two tensor files: .safetensors, .npy or .npz",
                                 [options](Surroundings& around) { return RunCompare(*options, around); });
  command->add_option("ACTUAL", options->compare.actual_path, "What was computed")->required()->type_name("");
  command->add_option("EXPECTED", options->compare.expected_path, "What it should be")->required()->type_name("");
  command->add_option("--rtol", options->compare.rtol, "Relative tolerance (default: by dtype)")
      ->type_name("R")
      ->check(NotNegative());
  command->add_option("--atol", options->compare.atol, "Absolute tolerance (default: by dtype)")
      ->type_name("A")
      ->check(NotNegative());
  command->add_flag("--equal-nan", options->equal_nan, "A NaN matches where EXPECTED has one");
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->footer(
      "An element passes where |actual - expected| <= atol + rtol * |expected|.\n"
      "Example: torchassay compare mine.safetensors reference.safetensors --atol 1e-4");
}

}  // namespace torchassay
