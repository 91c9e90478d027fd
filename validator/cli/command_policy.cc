#include "validator/cli/command_policy.h"

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "validator/session/starter_policy.h"

namespace torchassay {
namespace {

ExitCode RunInit(const std::string& path, Surroundings& around) {
  Result<std::string> policy = StarterPolicyFor(path);
  if (!policy.ok()) return Complain(policy.status(), around);
  around.out << *policy;
  return kExitPassed;
}

}  // namespace

void AddPolicyCommand(CLI::App& app, Action& action) {
  CLI::App* policy = app.add_subcommand("policy", "Write a policy for `validate --policy`");
  policy->require_subcommand(1);
  auto path = std::make_shared<std::string>();
  CLI::App* init = NewCommand(*policy, action, "init", "Print a commented policy that fits a result",
                              [path](Surroundings& around) { return RunInit(*path, around); });
  init->add_option("RESULT.json", *path, "Result that `validate --json` wrote")->required()->type_name("");
  init->footer("Example: torchassay policy init result.json > policy.json");
}

}  // namespace torchassay
