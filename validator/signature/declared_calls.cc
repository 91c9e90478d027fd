#include "validator/signature/declared_calls.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "validator/base/strings.h"
#include "validator/signature/below.h"

namespace torchassay {
namespace {

using Provisions = std::vector<Provided>;

struct Range {
  std::int64_t lo = 1;
  std::int64_t hi = 1;  // one of the range's own
  std::int64_t step = 1;
};

// What may be chosen: its name for a reader, and how each choice changes a call.
struct Variable {
  std::string name;
  std::vector<std::string> choices;  // as text, the smallest first
  std::size_t largest = 0;           // which of them is the largest
  std::function<void(Provisions&, std::size_t choice)> set;
};

// The sizes of a range that are tried: both ends, those next to them, and two in the middle.
std::vector<std::int64_t> Points(const Range& range) {
  const std::int64_t middle = range.lo + (range.hi - range.lo) / (2 * range.step) * range.step;
  std::set<std::int64_t> points;
  for (const std::int64_t point :
       {range.lo, range.lo + range.step, middle, middle + range.step, range.hi - range.step, range.hi}) {
    if (point >= range.lo && point <= range.hi) points.insert(point);
  }
  return {points.begin(), points.end()};
}

Range RangeOf(const Dim& dim) {
  const std::int64_t lo = *dim.lo;
  // An open range is as good as a few steps of it.
  const std::int64_t hi = *dim.hi == kNoLargestSize ? lo + 8 * dim.step : *dim.hi;
  return {lo, hi - (hi - lo) % dim.step, dim.step};
}

// Dimensions that have one size: by symbol, else each by its place.
std::string KeyOf(const Provided& item, std::size_t index, const Dim& dim) {
  return dim.symbol.empty() ? item.path + " " + std::to_string(index) : dim.symbol;
}

template <typename Visit>
void ForEachDim(Provisions& provided, const Visit& visit) {
  for (Provided& item : provided) {
    auto* tensor = std::get_if<TensorSpec>(&item.value);
    if (tensor == nullptr) continue;
    for (std::size_t i = 0; i < tensor->dims.size(); ++i) visit(item, i, tensor->dims[i]);
  }
}

void SetSize(Provisions& provided, const std::string& key, std::int64_t size) {
  ForEachDim(provided, [&](const Provided& item, std::size_t i, Dim& dim) {
    if (!dim.size && KeyOf(item, i, dim) == key) dim.size = size;
  });
}

std::vector<Variable> SizeVariables(Provisions provided) {
  std::map<std::string, Range> ranges;
  std::map<std::string, std::string> names;
  ForEachDim(provided, [&](const Provided& item, std::size_t i, const Dim& dim) {
    if (dim.size) return;
    const std::string key = KeyOf(item, i, dim);
    if (dim.lo) ranges.emplace(key, RangeOf(dim));
    names.emplace(key, dim.symbol.empty() ? "dimension " + std::to_string(i) + " of " + Quote(item.path) : Quote(key));
  });
  std::vector<Variable> variables;
  for (const auto& [key, name] : names) {
    const auto found = ranges.find(key);
    const std::vector<std::int64_t> points = Points(found == ranges.end() ? Range() : found->second);
    Variable variable{name + " is ", {}, points.size() - 1, nullptr};
    for (const std::int64_t point : points) variable.choices.push_back(std::to_string(point));
    variable.set = [key = key, points](Provisions& call, std::size_t choice) { SetSize(call, key, points[choice]); };
    variables.push_back(std::move(variable));
  }
  return variables;
}

std::vector<Constant> Constants(const ScalarSpec& scalar) {
  if (!scalar.values) return {};
  if (scalar.values->choices) return *scalar.values->choices;
  const ValueDomain& values = *scalar.values;
  const auto* lo = values.lo ? std::get_if<std::int64_t>(&*values.lo) : nullptr;
  const auto* hi = values.hi ? std::get_if<std::int64_t>(&*values.hi) : nullptr;
  std::vector<Constant> constants;
  if (lo != nullptr && hi != nullptr && *lo <= *hi && *hi - *lo > 0) {
    for (const std::int64_t point : Points({*lo, *hi, 1})) constants.emplace_back(point);
  } else {
    if (values.lo) constants.push_back(*values.lo);
    if (values.hi) constants.push_back(*values.hi);
  }
  return constants;
}

std::string ConstantText(const Constant& constant) {
  if (const bool* truth = std::get_if<bool>(&constant)) return *truth ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&constant)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&constant)) return ExactNumberText(*number);
  return Quote(std::get<std::string>(constant));
}

std::optional<Variable> ScalarVariable(const Provided& item, std::size_t index) {
  const auto* scalar = std::get_if<ScalarSpec>(&item.value);
  const std::vector<Constant> constants = scalar == nullptr ? std::vector<Constant>() : Constants(*scalar);
  if (constants.size() < 2) return std::nullopt;
  Variable variable{Quote(item.path) + " is ", {}, constants.size() - 1, nullptr};
  for (const Constant& constant : constants) variable.choices.push_back(ConstantText(constant));
  variable.set = [index, constants](Provisions& call, std::size_t choice) {
    ValueDomain one;
    one.choices = std::vector<Constant>{constants[choice]};
    std::get<ScalarSpec>(call[index].value).values = std::move(one);
  };
  return variable;
}

void Drop(Provisions& call, const std::string& path) {
  std::erase_if(call, [&](const Provided& item) { return IsBelow(item.path, path); });
}

// Keys that a dict may lack, and items that a list may lack at its end. All are there at first.
void AddParts(const Provided& item, const Provisions& provided, std::vector<Variable>& variables) {
  const auto is_given = [&](const std::string& path) {
    return std::ranges::any_of(provided, [&](const Provided& other) { return IsBelow(other.path, path); });
  };
  if (const auto* keys = std::get_if<KeysSpec>(&item.value)) {
    for (const KeysSpec::Key& key : keys->keys) {
      const std::string path = item.path + "." + key.name;
      if (!key.optional || !is_given(path)) continue;
      variables.push_back({Quote(item.path) + " ",
                           {"has " + Quote(key.name), "lacks " + Quote(key.name)},
                           0,
                           [path](Provisions& call, std::size_t choice) {
                             if (choice == 1) Drop(call, path);
                           }});
    }
  }
  if (const auto* list = std::get_if<ListSpec>(&item.value)) {
    std::int64_t given = 0;
    while (is_given(item.path + "[" + std::to_string(given) + "]")) ++given;
    if (given <= list->lo) return;
    Variable variable{Quote(item.path) + " has ", {}, 0, nullptr};
    for (std::int64_t count = given; count >= list->lo; --count) variable.choices.push_back(CountText(count, "item"));
    variable.set = [path = item.path, given](Provisions& call, std::size_t choice) {
      for (std::size_t i = 0; i < choice; ++i) {
        Drop(call, path + "[" + std::to_string(given - 1 - static_cast<std::int64_t>(i)) + "]");
      }
    };
    variables.push_back(std::move(variable));
  }
}

std::vector<Variable> Variables(const Provisions& provided) {
  std::vector<Variable> variables = SizeVariables(provided);
  for (std::size_t i = 0; i < provided.size(); ++i) {
    if (std::optional<Variable> scalar = ScalarVariable(provided[i], i)) variables.push_back(*std::move(scalar));
  }
  for (const Provided& item : provided) AddParts(item, provided, variables);
  return variables;
}

// Every variable as `choice` says. Parts are dropped last: the places of the others count from the front.
Provisions Call(const Provisions& provided, const std::vector<Variable>& variables,
                const std::function<std::size_t(std::size_t)>& choice) {
  Provisions call = provided;
  for (std::size_t v = 0; v < variables.size(); ++v) variables[v].set(call, choice(v));
  return call;
}

}  // namespace

std::vector<DeclaredCall> DeclaredCalls(std::span<const Provided> given) {
  const Provisions provided(given.begin(), given.end());
  const std::vector<Variable> variables = Variables(provided);
  std::vector<DeclaredCall> calls = {{Call(provided, variables, [](std::size_t) { return 0; }), ""}};
  if (std::ranges::any_of(variables, [](const Variable& variable) { return variable.largest > 0; })) {
    calls.push_back({Call(provided, variables, [&](std::size_t v) { return variables[v].largest; }),
                     "every size and number is at its largest"});
  }
  std::size_t most = 0;
  for (const Variable& variable : variables) most = std::max(most, variable.choices.size());
  // The first other choice of each variable before the second of any.
  for (std::size_t choice = 1; choice < most; ++choice) {
    for (std::size_t v = 0; v < variables.size() && calls.size() < kMostDeclaredCalls; ++v) {
      if (choice >= variables[v].choices.size()) continue;
      calls.push_back({Call(provided, variables, [&](std::size_t w) { return w == v ? choice : 0; }),
                       variables[v].name + variables[v].choices[choice]});
    }
  }
  return calls;
}

}  // namespace torchassay
