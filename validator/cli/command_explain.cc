#include "validator/cli/command_explain.h"

#include <memory>
#include <ostream>
#include <string>

#include "validator/session/explain.h"

namespace torchassay {
namespace {

ExitCode RunExplain(const std::string& code, Surroundings& around) {
  if (code.empty()) {
    around.out << ListCodes(around.out_style);
    return kExitPassed;
  }
  const Result<std::string> text = Explain(code, around.out_style);
  if (!text.ok()) return Complain(text.status(), around);
  around.out << *text;
  return kExitPassed;
}

}  // namespace

void AddExplainCommand(CLI::App& app, Action& action) {
  auto code = std::make_shared<std::string>();
  CLI::App* command = NewCommand(app, action, "explain", "What a finding means, and how to mend it",
                                 [code](Surroundings& around) { return RunExplain(*code, around); });
  command->add_option("CODE", *code, "Code or name of a finding; left out: a list of all")->type_name("");
  command->footer("Example: torchassay explain TA101");
}

}  // namespace torchassay
