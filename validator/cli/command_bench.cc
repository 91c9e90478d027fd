#include "validator/cli/command_bench.h"

#include <memory>
#include <utility>

#include "validator/cli/model_options.h"
#include "validator/cli/report_files.h"
#include "validator/cli/usage.h"
#include "validator/session/bench.h"

namespace torchassay {
namespace {

struct Options {
  BenchOptions bench;
  bool json = false;
};

ExitCode RunBench(Options options, Surroundings& around) {
  options.bench.today = around.created.substr(0, 10);
  ProcessRunner runner = MakeRunner(around);
  Result<Report> report = Bench(options.bench, runner);
  if (!report.ok()) return Complain(report.status(), "bench", options.json, around);
  return Finish(std::move(*report), options.json, around);
}

}  // namespace

void AddBenchCommand(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      NewCommand(app, action, "bench", "Measure latency, throughput and memory on a bundle's own inputs",
                 [options](Surroundings& around) { return RunBench(*options, around); });
  command->add_option("BUNDLE", options->bench.path, "Bundle whose case is run again and again")
      ->required()
      ->type_name("");
  command->add_option("--case", options->bench.case_name, "Which case (default: the first)")->type_name("NAME");
  command
      ->add_option("--seconds", options->bench.seconds,
                   "How long to measure after the warm-up, 100,000 calls at most (default: 3)")
      ->type_name("S")
      ->check(NotNegative());
  command->add_option("--threads", options->bench.threads, "Threads inside the model (default: all cores)")
      ->type_name("N")
      ->check(ThreadCount());
  command->add_option("--policy", options->bench.policy_path, "What must hold: budgets of latency, memory and size")
      ->type_name("FILE");
  AddDeviceOption(*command, options->bench.device);
  AddLoadOptions(*command, options->bench.load);
  AddLimitOptions(*command, options->bench.timeout_s, options->bench.memory_bytes);
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->footer("Example: torchassay bench resnet18.assay --threads 1 --policy release.policy.json");
}

}  // namespace torchassay
