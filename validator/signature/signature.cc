#include "validator/signature/signature.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "validator/signature/spec.h"

namespace torchassay {

const char* OriginName(Origin origin) {
  switch (origin) {
    case Origin::kManifest: return "manifest";
    case Origin::kTraced: return "traced example";
    case Origin::kInferred: return "inferred";
    case Origin::kSchema: return "schema";
  }
  return "";
}

Evidence OfAlternative(const ValueSpec& alternative, Evidence evidence) {
  return {PrintValueSpec(alternative) + ", " + evidence.label, std::move(evidence.text)};
}

std::optional<Evidence> IfOf(const ValueSpec& alternative, const Evidence& evidence) {
  const std::string whose = PrintValueSpec(alternative) + ", ";
  if (!evidence.label.starts_with(whose)) return std::nullopt;
  return Evidence{evidence.label.substr(whose.size()), evidence.text};
}

std::size_t FreeLeading(const TensorSpec& spec) {
  const auto bound = [&](const Dim& dim) {
    const bool tied = !dim.symbol.empty() && std::ranges::count(spec.dims, dim.symbol, &Dim::symbol) > 1;
    return dim.size || dim.lo || tied;
  };
  return static_cast<std::size_t>(std::ranges::find_if(spec.dims, bound) - spec.dims.begin());
}

std::vector<Dim> BoundTail(const TensorSpec& spec) {
  return {spec.dims.begin() + static_cast<std::ptrdiff_t>(FreeLeading(spec)), spec.dims.end()};
}

std::string PrintArgument(const ArgumentSpec& argument) {
  if (argument.alternatives.empty()) return argument.type.empty() ? "any" : argument.type;
  std::string text;
  for (const ValueSpec& value : argument.alternatives) {
    text += (text.empty() ? "" : " or ") + PrintValueSpec(value);
  }
  return text;
}

Result<Signature> SignatureFromSpecs(const std::string& method, std::span<const InputSpec> inputs) {
  Signature signature{.method = method};
  for (const InputSpec& input : inputs) {
    if (input.path.empty()) {
      return Status(StatusCode::kUnreadable, "TA211", "an input of the signature has no name");
    }
    const auto same = [&](const ArgumentSpec& known) { return known.path == input.path; };
    auto known = std::find_if(signature.inputs.begin(), signature.inputs.end(), same);
    if (known == signature.inputs.end()) {
      known = signature.inputs.insert(known, {.path = input.path, .origin = Origin::kManifest});
    }
    known->alternatives.push_back(input.value);
  }
  return signature;
}

}  // namespace torchassay
