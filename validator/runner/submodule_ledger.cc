#include "validator/runner/submodule_ledger.h"

#include <utility>

#include "validator/base/strings.h"

namespace torchassay {

void SubmoduleLedger::Compare(const SubmoduleCall& call, ValueSide actual, ValueSide expected) {
  ValuesResult compared = CompareValues(actual, expected, Options(call.path));
  const bool differs = !compared.passed();
  result_.submodules.push_back({call.path, call.type, call.call, std::move(compared.outputs), differs, ""});
  if (!differs) return;
  result_.first_difference = result_.submodules.size() - 1;
  throw Enough();
}

void SubmoduleLedger::Part(const SubmoduleCall& call, const std::string& note) {
  result_.submodules.push_back({call.path, call.type, call.call, {}, true, note});
  result_.first_difference = result_.submodules.size() - 1;
  throw Enough();
}

void SubmoduleLedger::Skip(const std::string& path, const std::string& why) {
  if (skipped_.insert(path).second) result_.uncompared.push_back(Quote(path) + " " + why);
}

// What is allowed at an output must be allowed on the way to it.
CompareValuesOptions SubmoduleLedger::Options(const std::string& path) const {
  CompareValuesOptions options;
  options.subject = "submodule " + Quote(path);
  options.tolerance_of = [this](const std::string&, DType dtype) { return tolerances_.Loosest(dtype); };
  return options;
}

}  // namespace torchassay
