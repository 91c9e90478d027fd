#include "validator/report/takes_text.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <variant>
#include <vector>

#include "validator/base/strings.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

constexpr std::size_t kFewRanks = 2;  // each is told in full
constexpr const char* kFree = "taken from 1 on";

// Alternatives that are told together, the first in full.
using Group = std::vector<ValueSpec>;

bool DifferInFrontAlone(const ValueSpec& left, const ValueSpec& right) {
  const auto* a = std::get_if<TensorSpec>(&left);
  const auto* b = std::get_if<TensorSpec>(&right);
  return a != nullptr && b != nullptr && a->dtype == b->dtype && a->values == b->values && a->layout == b->layout &&
         BoundTail(*a) == BoundTail(*b);
}

std::vector<Group> Grouped(const std::vector<ValueSpec>& alternatives) {
  std::vector<Group> groups;
  for (const ValueSpec& value : alternatives) {
    const auto known =
        std::ranges::find_if(groups, [&](const Group& group) { return DifferInFrontAlone(group[0], value); });
    if (known == groups.end()) {
      groups.push_back({value});
    } else {
      known->push_back(value);
    }
  }
  return groups;
}

// "1-D, 3-D to 5-D".
std::string RanksText(std::vector<std::size_t> ranks) {
  std::ranges::sort(ranks);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < ranks.size();) {
    std::size_t last = i;
    while (last + 1 < ranks.size() && ranks[last + 1] == ranks[last] + 1) ++last;
    const std::string first = std::to_string(ranks[i]) + "-D";
    const bool run = last > i + 1;
    texts.push_back(run ? first + " to " + std::to_string(ranks[last]) + "-D" : first);
    i = run ? last + 1 : i + 1;
  }
  return Join(texts, ", ");
}

std::string GroupText(const Group& group) {
  std::string text = PrintValueSpec(group[0]);
  if (group.size() <= kFewRanks) {
    for (std::size_t i = 1; i < group.size(); ++i) text += " or " + PrintValueSpec(group[i]);
    return text;
  }
  std::vector<std::size_t> ranks;
  for (std::size_t i = 1; i < group.size(); ++i) ranks.push_back(std::get<TensorSpec>(group[i]).dims.size());
  TensorSpec tail = std::get<TensorSpec>(group[0]);
  tail.dims = BoundTail(tail);
  std::string shared = PrintValueSpec(tail);
  shared.insert(shared.find('[') + 1, tail.dims.empty() ? "..." : "...,");
  return text + ", also " + RanksText(ranks) + " " + shared;
}

// Of what is told together the first alone gives reasons.
std::optional<Evidence> Shown(const Evidence& evidence, const std::vector<Group>& groups) {
  if (evidence.text == kFree) return std::nullopt;
  for (const Group& group : groups) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      const std::optional<Evidence> own = IfOf(group[i], evidence);
      if (!own) continue;
      if (i > 0 && group.size() > kFewRanks) return std::nullopt;
      return groups.size() == 1 && group.size() > kFewRanks ? own : evidence;
    }
  }
  return evidence;
}

}  // namespace

std::string TakesText(const Signature& signature) {
  std::string text;
  const std::string who = signature.method == "forward" ? "" : Quote(signature.method) + " ";
  for (const ArgumentSpec& argument : signature.inputs) {
    const std::vector<Group> groups = Grouped(argument.alternatives);
    std::vector<std::string> alternatives;
    std::ranges::transform(groups, std::back_inserter(alternatives), GroupText);
    const std::string spec = groups.empty() ? PrintArgument(argument) : Join(alternatives, " or ");
    text += "  " + who + "takes " + argument.path + ": " + spec + "  (" + OriginName(argument.origin) + ")\n";
    for (const Evidence& evidence : argument.evidence) {
      if (const auto shown = Shown(evidence, groups)) text += "    " + shown->label + ": " + shown->text + "\n";
    }
  }
  return text;
}

}  // namespace torchassay
