// Match: is a call legal by a signature, and if not, what exactly is wrong with it.

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "validator/base/closest.h"
#include "validator/base/strings.h"
#include "validator/signature/below.h"
#include "validator/signature/elements.h"
#include "validator/signature/signature.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

Finding MakeFinding(const std::string& code, std::string message, std::string help = {}) {
  Finding finding;
  finding.code = code;
  finding.message = std::move(message);
  finding.help = std::move(help);
  return finding;
}

// The sizes that symbols have taken so far, and where.
struct Binding {
  std::int64_t size = 0;
  std::string path;
};
using Bindings = std::map<std::string, Binding>;

// Ranges that a symbol has anywhere in the signature.
using Ranges = std::map<std::string, Dim>;

Ranges CollectRanges(const Signature& signature) {
  Ranges ranges;
  for (const ArgumentSpec& argument : signature.inputs) {
    for (const ValueSpec& value : argument.alternatives) {
      const auto* tensor = std::get_if<TensorSpec>(&value);
      if (tensor == nullptr) continue;
      for (const Dim& dim : tensor->dims) {
        if (!dim.symbol.empty() && dim.lo) ranges.emplace(dim.symbol, dim);
      }
    }
  }
  return ranges;
}

std::string SizeText(const Dim& dim) {
  TensorSpec spec;
  spec.dims = {dim};
  const std::string text = PrintValueSpec(spec);
  return text.substr(4, text.size() - 5);  // without `f32[` and `]`
}

// One argument against one alternative.
class Matcher {
 public:
  Matcher(const Ranges& ranges, const ArgumentSpec& argument, const Provided& provided)
      : ranges_(ranges), argument_(argument), provided_(provided) {}

  // Absent where it is legal; symbols are bound in `bindings` then.
  std::optional<Finding> Check(const ValueSpec& legal, Bindings& bindings) const {
    if (legal.index() != provided_.value.index()) return Mismatch("TA305", "");
    if (const auto* tensor = std::get_if<TensorSpec>(&legal)) {
      return CheckTensor(*tensor, std::get<TensorSpec>(provided_.value), bindings);
    }
    if (const auto* scalar = std::get_if<ScalarSpec>(&legal)) {
      return CheckScalar(*scalar, std::get<ScalarSpec>(provided_.value));
    }
    if (const auto* list = std::get_if<ListSpec>(&legal)) {
      const auto& given = std::get<ListSpec>(provided_.value);
      if (given.lo < list->lo || given.hi > list->hi) return Mismatch("TA305", "");
    }
    return std::nullopt;
  }

 private:
  // "input `x`: expected 1-D f32[20], got 4-D f32[1,3,224,224]", and why.
  Finding Mismatch(const std::string& code, const std::string& why) const {
    std::string expected;
    for (const ValueSpec& value : argument_.alternatives) {
      expected += (expected.empty() ? "" : " or ") + DescribeSpec(value);
    }
    return MakeFinding(code, "input " + Quote(argument_.path) + ": expected " + expected + ", got " +
                                 DescribeSpec(provided_.value) + (why.empty() ? "" : ": " + why));
  }

  std::optional<Finding> CheckTensor(const TensorSpec& legal, const TensorSpec& given, Bindings& bindings) const {
    if (given.dims.size() != legal.dims.size()) return Mismatch("TA301", "");
    Bindings attempt = bindings;
    for (std::size_t i = 0; i < legal.dims.size(); ++i) {
      const std::string why = CheckDim(legal.dims[i], given.dims[i], i, attempt);
      if (!why.empty()) return Mismatch("TA302", why);
    }
    if (given.dtype != legal.dtype) return Mismatch("TA303", "");
    if (std::optional<Finding> finding = CheckElements(legal)) return finding;
    bindings = std::move(attempt);
    return CheckLayout(legal, given);
  }

  // Why the given size is not legal, "" where it is.
  std::string CheckDim(const Dim& legal, const Dim& given, std::size_t index, Bindings& bindings) const {
    const std::string place = "dimension " + std::to_string(index);
    const auto range = ranges_.find(legal.symbol);
    const Dim& rule = !legal.size && !legal.lo && range != ranges_.end() ? range->second : legal;
    if (!AdmitsAll(rule, given)) {
      return place + " must be " + SizeText(rule) + ", not " + SizeText(given);
    }
    if (legal.symbol.empty() || !given.size) return "";
    const auto [bound, fresh] = bindings.try_emplace(legal.symbol, Binding{*given.size, argument_.path});
    if (fresh || bound->second.size == *given.size) return "";
    return place + " must be " + std::to_string(bound->second.size) + ", not " + std::to_string(*given.size) +
           ": it is " + Quote(legal.symbol) + ", as in " + Quote(bound->second.path);
  }

  // Whether every size that `given` stands for is legal; a symbol without a range stands for what is legal.
  static bool AdmitsAll(const Dim& legal, const Dim& given) {
    if (given.size) return Admits(legal, *given.size);
    if (!given.lo) return !legal.size;
    const bool steps = legal.step == 1 || *given.lo == *given.hi || given.step % legal.step == 0;
    return Admits(legal, *given.lo) && Admits(legal, *given.hi - (*given.hi - *given.lo) % given.step) && steps;
  }

  std::optional<Finding> CheckElements(const TensorSpec& legal) const {
    if (!legal.values || !provided_.data) return std::nullopt;
    const auto illegal = FindIllegal(*provided_.data, *legal.values);
    if (!illegal) return std::nullopt;
    TensorSpec domain;
    domain.dtype = legal.dtype;
    domain.values = legal.values;
    return MakeFinding("TA307", "input " + Quote(argument_.path) + ": element " + std::to_string(illegal->position) +
                                    " is " + illegal->text + ", outside the legal values of " + PrintValueSpec(legal));
  }

  std::optional<Finding> CheckLayout(const TensorSpec& legal, const TensorSpec& given) const {
    if (given.layout == Layout::kAny || given.layout == legal.layout) return std::nullopt;
    Finding finding = Mismatch("TA308", "no reference covers this layout");
    finding.severity = Severity::kWarning;
    return finding;
  }

  std::optional<Finding> CheckScalar(const ScalarSpec& legal, const ScalarSpec& given) const {
    const bool widened = legal.kind == ScalarKind::kFloat && given.kind == ScalarKind::kInt;
    if (given.kind != legal.kind && !widened) return Mismatch("TA305", "");
    if (!legal.values || !given.values || !given.values->choices) return std::nullopt;
    for (const Constant& value : *given.values->choices) {
      if (!AdmitsConstant(*legal.values, value)) return Mismatch("TA307", "");
    }
    return std::nullopt;
  }

  static bool AdmitsConstant(const ValueDomain& domain, const Constant& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return Admits(domain, *integer);
    if (const auto* real = std::get_if<double>(&value)) return Admits(domain, *real);
    if (!domain.choices) return true;
    return std::find(domain.choices->begin(), domain.choices->end(), value) != domain.choices->end();
  }

  const Ranges& ranges_;
  const ArgumentSpec& argument_;
  const Provided& provided_;
};

// The finding that says most: a wrong size says more than a wrong rank, if another alternative has the rank.
bool SaysMore(const Finding& left, const Finding& right) {
  const auto rank = [](const Finding& finding) {
    return finding.code == "TA305" ? 0 : finding.code == "TA301" ? 1 : 2;
  };
  return rank(left) > rank(right);
}

std::optional<Finding> CheckArgument(const Ranges& ranges, const ArgumentSpec& argument, const Provided& provided,
                                     Bindings& bindings) {
  if (argument.alternatives.empty()) return std::nullopt;
  const bool none = std::holds_alternative<ScalarSpec>(provided.value) &&
                    std::get<ScalarSpec>(provided.value).kind == ScalarKind::kNone;
  if (none && argument.type.starts_with("Optional[")) return std::nullopt;
  const Matcher matcher(ranges, argument, provided);
  std::optional<Finding> best;
  for (const ValueSpec& legal : argument.alternatives) {
    std::optional<Finding> finding = matcher.Check(legal, bindings);
    if (!finding) return std::nullopt;
    if (!best || SaysMore(*finding, *best)) best = std::move(finding);
  }
  return best;
}

bool IsContainer(const ArgumentSpec& argument) {
  return !argument.alternatives.empty() && (std::holds_alternative<ListSpec>(argument.alternatives[0]) ||
                                            std::holds_alternative<KeysSpec>(argument.alternatives[0]));
}

// Whether the signature lets an optional key that leads to `path` away.
bool MayLack(const Signature& signature, const std::string& path) {
  for (const ArgumentSpec& argument : signature.inputs) {
    for (const ValueSpec& value : argument.alternatives) {
      const auto* keys = std::get_if<KeysSpec>(&value);
      if (keys == nullptr) continue;
      for (const KeysSpec::Key& key : keys->keys) {
        if (key.optional && IsBelow(path, argument.path + "." + key.name)) return true;
      }
    }
  }
  return false;
}

// Whether `path` is an item that a list of varying length need not have.
bool IsListItem(const Signature& signature, const std::string& path) {
  return std::any_of(signature.inputs.begin(), signature.inputs.end(), [&](const ArgumentSpec& argument) {
    return !argument.alternatives.empty() && std::holds_alternative<ListSpec>(argument.alternatives[0]) &&
           path.starts_with(argument.path + "[");
  });
}

Finding UnknownInput(const Signature& signature, const std::string& path) {
  std::vector<std::string> names;
  for (const ArgumentSpec& argument : signature.inputs) names.push_back(argument.path);
  const std::string guess = DidYouMean(path, names);
  return MakeFinding("TA306", "the model has no input " + Quote(path),
                     guess.empty() ? "its inputs are " + QuoteList(names, 12) : guess);
}

const ArgumentSpec* FindArgument(const Signature& signature, const std::string& path) {
  for (const ArgumentSpec& argument : signature.inputs) {
    if (argument.path == path) return &argument;
  }
  return nullptr;
}

// Whether `path` lies below an argument whose inner structure the signature does not describe.
bool IsOpen(const Signature& signature, const std::string& path) {
  return std::any_of(signature.inputs.begin(), signature.inputs.end(), [&](const ArgumentSpec& argument) {
    return (argument.alternatives.empty() || IsContainer(argument)) && IsBelow(path, argument.path);
  });
}

// The argument that a path belongs to: `batch` of `batch.ids`.
std::string RootOf(const std::string& path) { return path.substr(0, path.find_first_of(".[")); }

// The argument for the last known item before one that is not known: items of a list look alike beyond what is told.
const ArgumentSpec* FindItemBefore(const Signature& signature, const std::string& path) {
  const std::size_t open = path.rfind('[');
  const ArgumentSpec* root = FindArgument(signature, RootOf(path));
  const bool list = root != nullptr && (IsContainer(*root) || root->type.find("List[") != std::string::npos);
  if (!list || open == std::string::npos || !path.ends_with(']')) return nullptr;
  const ArgumentSpec* last = nullptr;
  for (const ArgumentSpec& argument : signature.inputs) {
    const bool item = argument.path.starts_with(path.substr(0, open + 1)) &&
                      argument.path.find(']', open) == argument.path.size() - 1;
    if (item) last = &argument;
  }
  return last;
}

// The arguments that unnamed values bind to, in order: those that nothing named belongs to.
std::vector<const ArgumentSpec*> Unclaimed(const Signature& signature, std::span<const Provided> provided) {
  std::vector<const ArgumentSpec*> unclaimed;
  for (const ArgumentSpec& argument : signature.inputs) {
    const std::string root = RootOf(argument.path);
    const bool nested = argument.path != root && FindArgument(signature, root) != nullptr;
    const bool claimed = std::any_of(provided.begin(), provided.end(), [&](const Provided& item) {
      return !item.path.empty() && RootOf(item.path) == root;
    });
    if (!nested && !claimed) unclaimed.push_back(&argument);
  }
  return unclaimed;
}

// The argument that each provided value binds to; null where there is none.
std::vector<const ArgumentSpec*> Bind(const Signature& signature, std::span<const Provided> provided) {
  const std::vector<const ArgumentSpec*> unclaimed = Unclaimed(signature, provided);
  std::vector<const ArgumentSpec*> bound;
  std::size_t next = 0;
  for (const Provided& item : provided) {
    if (!item.path.empty())
      bound.push_back(FindArgument(signature, item.path));
    else
      bound.push_back(next < unclaimed.size() ? unclaimed[next++] : nullptr);
  }
  return bound;
}

// "the model takes 2 inputs, got 1". Arguments of the method are counted, however much is known of what they hold.
std::string CountsText(const Signature& signature, std::span<const Provided> provided) {
  std::set<std::string> takes;
  for (const ArgumentSpec& argument : signature.inputs) takes.insert(RootOf(argument.path));
  std::set<std::string> names;
  std::size_t given = 0;
  for (const Provided& item : provided) {
    if (item.path.empty() || names.insert(RootOf(item.path)).second) ++given;
  }
  return "the model takes " + CountText(static_cast<std::int64_t>(takes.size()), "input") + ", got " +
         std::to_string(given);
}

// Whether an argument is given by itself, in parts, or as a part of what holds it.
bool IsGiven(const ArgumentSpec& argument, std::span<const Provided> provided,
             const std::vector<const ArgumentSpec*>& bound) {
  for (std::size_t i = 0; i < provided.size(); ++i) {
    if (bound[i] == &argument) return true;
    if (bound[i] != nullptr && bound[i]->path != argument.path && IsBelow(argument.path, bound[i]->path)) return true;
    if (!provided[i].path.empty() && IsBelow(provided[i].path, argument.path)) return true;
  }
  return false;
}

std::vector<Finding> FindMissing(const Signature& signature, std::span<const Provided> provided,
                                 const std::vector<const ArgumentSpec*>& bound) {
  // How many there are says nothing where one has a wrong name.
  bool misnamed = false;
  for (std::size_t i = 0; i < provided.size(); ++i) misnamed |= bound[i] == nullptr && !provided[i].path.empty();
  std::vector<Finding> findings;
  for (const ArgumentSpec& argument : signature.inputs) {
    if (IsGiven(argument, provided, bound) || argument.default_value || IsContainer(argument)) continue;
    if (MayLack(signature, argument.path) || IsListItem(signature, argument.path)) continue;
    const bool countless = misnamed || argument.path != RootOf(argument.path);
    findings.push_back(MakeFinding(
        "TA304",
        "input " + Quote(argument.path) + " is missing" + (countless ? "" : ": " + CountsText(signature, provided)),
        "it takes " + PrintArgument(argument)));
  }
  return findings;
}

// An item beyond the known ones, whose sizes are its own.
std::optional<Finding> CheckItem(const Ranges& ranges, const Signature& signature, const Provided& item) {
  const ArgumentSpec* before = FindItemBefore(signature, item.path);
  if (before == nullptr) return std::nullopt;
  ArgumentSpec argument = *before;
  argument.path = item.path;
  Bindings own;
  return CheckArgument(ranges, argument, item, own);
}

}  // namespace

std::vector<Finding> Match(const Signature& signature, std::span<const Provided> provided) {
  const Ranges ranges = CollectRanges(signature);
  const std::vector<const ArgumentSpec*> bound = Bind(signature, provided);
  std::vector<Finding> findings;
  Bindings bindings;
  std::set<const ArgumentSpec*> seen;
  for (std::size_t i = 0; i < provided.size(); ++i) {
    if (bound[i] == nullptr) {
      if (provided[i].path.empty()) {
        findings.push_back(MakeFinding("TA304", CountsText(signature, provided)));
      } else if (!IsOpen(signature, provided[i].path)) {
        findings.push_back(UnknownInput(signature, provided[i].path));
      } else if (auto finding = CheckItem(ranges, signature, provided[i])) {
        findings.push_back(*std::move(finding));
      }
    } else if (!seen.insert(bound[i]).second) {
      findings.push_back(MakeFinding("TA304", "input " + Quote(bound[i]->path) + " is given twice"));
    } else if (auto finding = CheckArgument(ranges, *bound[i], provided[i], bindings)) {
      findings.push_back(*std::move(finding));
    }
  }
  for (Finding& finding : FindMissing(signature, provided, bound)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace torchassay
