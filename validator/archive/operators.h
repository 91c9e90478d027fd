// What the stored code calls: operators, devices, classes; and which of them are a risk.

#ifndef VALIDATOR_ARCHIVE_OPERATORS_H_
#define VALIDATOR_ARCHIVE_OPERATORS_H_

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace torchassay {

struct CodeCalls {
  std::map<std::string, std::int64_t> operators;  // "aten::conv2d": how often it is written
  std::set<std::string> devices;                  // "cuda:0", of torch.device("…")
  std::set<std::string> custom_classes;           // "myns.Counter", of __torch__.torch.classes.myns.Counter
};

// The calls in a method's text. Words inside string literals are not calls.
CodeCalls FindCalls(std::string_view code);

// Whether the LibTorch that this program was built for has the operator "namespace::name". Always true of the
// language's own `prim`.
bool IsKnownOperator(const std::string& name);
// The same of a custom class "namespace.Name".
bool IsKnownClass(const std::string& name);
// Whether the operator reads or writes files, by what is known of PyTorch's own and its domain libraries'.
bool TouchesFiles(const std::string& name);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_OPERATORS_H_
