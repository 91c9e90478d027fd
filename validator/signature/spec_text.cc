// The canonical text of input specs, and their description in messages.

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "validator/base/strings.h"
#include "validator/signature/scanner.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

// The fewest digits that read back as the same double, as Python prints them: a point and at least one
// digit behind it, an exponent below 1e-4 and from 1e16.
std::string FloatText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[32];
  const double magnitude = std::fabs(value);
  const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr;
  std::string text(buffer, end);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string QuoteText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else if (c == '"' || c == '\\')
      quoted += std::string("\\") + c;
    else
      quoted += c;
  }
  return quoted + "\"";
}

std::string ConstantText(const Constant& value) {
  return std::visit(Overloaded{[](bool v) { return std::string(v ? "true" : "false"); },
                               [](std::int64_t v) { return std::to_string(v); }, [](double v) { return FloatText(v); },
                               [](const std::string& v) { return QuoteText(v); }},
                    value);
}

// Inside braces the dtype is known, so a whole float needs no point.
std::string ElementText(const Constant& value) {
  std::string text = ConstantText(value);
  if (std::holds_alternative<double>(value) && text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string DomainText(const std::optional<ValueDomain>& domain) {
  if (!domain) return "";
  std::string text = "{";
  if (domain->choices) {
    for (const Constant& choice : *domain->choices) {
      if (text.size() > 1) text += ",";
      text += ElementText(choice);
    }
    return text + "}";
  }
  text += domain->lo ? ElementText(*domain->lo) : "-inf";
  text += "..";
  text += domain->hi ? ElementText(*domain->hi) : "inf";
  return text + (domain->nan ? ",nan" : "") + (domain->inf ? ",inf" : "") + "}";
}

std::string DimText(const Dim& dim) {
  if (dim.size) return std::to_string(*dim.size);
  if (!dim.lo) return dim.symbol.empty() ? "*" : dim.symbol;
  const std::string prefix = dim.symbol.empty() ? "" : dim.symbol + ":";
  const std::string step = dim.step == 1 ? "" : ":" + std::to_string(dim.step);
  if (*dim.hi == kNoLargestSize) return prefix + ">=" + std::to_string(*dim.lo) + step;
  return prefix + std::to_string(*dim.lo) + ".." + std::to_string(*dim.hi) + step;
}

std::string TensorText(const TensorSpec& spec) {
  std::string dims;
  for (const Dim& dim : spec.dims) dims += (dims.empty() ? "" : ",") + DimText(dim);
  std::string text = std::string(DTypeName(spec.dtype)) + "[" + dims + "]" + DomainText(spec.values);
  switch (spec.layout) {
    case Layout::kAny: return text;
    case Layout::kChannelsLast: return text + "@channels_last";
    case Layout::kGrad: return text + "@grad";
  }
  return text;
}

std::string ScalarText(const ScalarSpec& spec) {
  if (spec.kind == ScalarKind::kNone) return "none";
  if (spec.values && spec.values->choices && spec.values->choices->size() == 1) {
    return ConstantText(spec.values->choices->front());
  }
  return std::string(ScalarKindName(spec.kind)) + DomainText(spec.values);
}

std::string KeysText(const KeysSpec& spec) {
  std::string text;
  for (const KeysSpec::Key& key : spec.keys) {
    if (!text.empty()) text += ",";
    text += (IsIdentifier(key.name) ? key.name : QuoteText(key.name)) + (key.optional ? "?" : "");
  }
  return "{" + text + "}";
}

std::string ListText(const ListSpec& spec) {
  return "list{" + std::to_string(spec.lo) + ".." + std::to_string(spec.hi) + "}";
}

}  // namespace

const char* ScalarKindName(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::kInt: return "int";
    case ScalarKind::kFloat: return "float";
    case ScalarKind::kBool: return "bool";
    case ScalarKind::kStr: return "str";
    case ScalarKind::kNone: return "none";
  }
  return "";
}

bool Admits(const Dim& dim, std::int64_t size) {
  if (dim.size) return size == *dim.size;
  if (!dim.lo) return size >= 1;
  return size >= *dim.lo && size <= *dim.hi && (size - *dim.lo) % dim.step == 0;
}

std::string PrintValueSpec(const ValueSpec& value) {
  return std::visit(Overloaded{[](const TensorSpec& spec) { return TensorText(spec); },
                               [](const ScalarSpec& spec) { return ScalarText(spec); },
                               [](const ListSpec& spec) { return ListText(spec); },
                               [](const KeysSpec& spec) { return KeysText(spec); }},
                    value);
}

std::string PrintInputSpec(const InputSpec& spec) {
  return (spec.path.empty() ? "" : spec.path + "=") + PrintValueSpec(spec.value);
}

std::string DescribeSpec(const ValueSpec& value) {
  return std::visit(
      Overloaded{[](const TensorSpec& spec) {
                   return std::to_string(spec.dims.size()) + (spec.dims.empty() ? "-d " : "-D ") + TensorText(spec);
                 },
                 [](const ScalarSpec& spec) {
                   const std::string text = ScalarText(spec);
                   const std::string kind = ScalarKindName(spec.kind);
                   return spec.kind == ScalarKind::kNone || text.starts_with(kind) ? text : kind + " " + text;
                 },
                 [](const ListSpec& spec) {
                   return "a list of " + (spec.lo == spec.hi
                                              ? CountText(spec.lo, "item")
                                              : std::to_string(spec.lo) + " to " + CountText(spec.hi, "item"));
                 },
                 [](const KeysSpec& spec) { return "a dict with the keys " + KeysText(spec); }},
      value);
}

}  // namespace torchassay
