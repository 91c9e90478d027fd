// What is special about single operators when their inputs have shapes but no data.

#ifndef VALIDATOR_RUNNER_OPERATOR_TRAITS_H_
#define VALIDATOR_RUNNER_OPERATOR_TRAITS_H_

#include <initializer_list>
#include <string_view>

namespace torchassay {

bool OneOf(std::string_view name, std::initializer_list<std::string_view> names);

// The result's shape or value depends on data.
bool DependsOnData(std::string_view name);
// Shape-only forms of these do not check everything; asking the CPU is exact.
bool NeedsTrial(std::string_view name);
bool IsRecurrent(std::string_view name);
// All of an attention layer in one operator, without a shape-only form.
bool IsFusedAttention(std::string_view name);
// Shape-only forms of these let mixed element types pass.
bool WantsOneType(std::string_view name);
// They reach outside the process, and are not tried out.
bool ReachesOutside(std::string_view name);
// They give what they get, and some have no shape-only form.
bool KeepsShape(std::string_view name);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_OPERATOR_TRAITS_H_
