// `FILL:SPEC`: a spec with the way in which its values are made.

#include <iterator>
#include <string>
#include <utility>

#include "validator/base/closest.h"
#include "validator/base/strings.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

const std::vector<std::string>& FillNames() {
  static const std::vector<std::string>* names =
      new std::vector<std::string>{"ones", "zeros", "randn", "rand", "arange"};
  return *names;
}

std::optional<Fill> ParseFill(std::string_view name) {
  for (std::size_t i = 0; i < FillNames().size(); ++i) {
    if (FillNames()[i] == name) return static_cast<Fill>(i);
  }
  return std::nullopt;
}

// Whether the values of `value` are known without a fill.
bool IsConstant(const ValueSpec& value) {
  const ScalarSpec* scalar = std::get_if<ScalarSpec>(&value);
  if (scalar == nullptr) return !std::holds_alternative<TensorSpec>(value);
  return scalar->kind == ScalarKind::kNone ||
         (scalar->values && scalar->values->choices && scalar->values->choices->size() == 1);
}

// The word before the first colon, where the text begins with one: a fill, or a wrong one.
std::optional<std::string> WordBeforeColon(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view word = text.substr(0, colon);
  if (word.empty() || word.find_first_of("=[{\"., ") != std::string_view::npos) return std::nullopt;
  return std::string(word);
}

}  // namespace

Result<FilledSpec> ParseFilledSpec(std::string_view text) {
  const std::optional<std::string> word = WordBeforeColon(text);
  const std::optional<Fill> fill = word ? ParseFill(*word) : std::nullopt;
  if (word && !fill) {
    const std::string guess = DidYouMean(*word, FillNames());
    return Status(StatusCode::kUsage, "TA310", "unknown fill " + Quote(*word),
                  guess.empty() ? "a fill is one of " + Join(FillNames(), ", ") : guess);
  }
  Result<InputSpec> spec = ParseInputSpec(fill ? text.substr(word->size() + 1) : text);
  if (!spec.ok()) return spec.status();
  if (!fill && !IsConstant(spec->value)) {
    return Status(StatusCode::kUsage, "TA310", Quote(text) + " does not say how to fill it",
                  "put " + Join(FillNames(), ", ") + " and a colon in front: `randn:" + std::string(text) + "`");
  }
  return FilledSpec{fill.value_or(Fill::kZeros), *std::move(spec)};
}

}  // namespace torchassay
