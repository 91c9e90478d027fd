#include "validator/runner/raised.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

// Of two messages' words this share must be common, in order. A number, a name in quotes or a tensor in an f-string is
// printed otherwise by TorchScript; the sentence around it stays.
constexpr double kCommonWords = 0.5;
constexpr std::size_t kLongestMessage = 500;  // of a message that is shown

// What Python raises for PyTorch's operators and for plain arithmetic. TorchScript raises a nameless error there.
constexpr std::array<std::string_view, 9> kOfOperators = {"RuntimeError",        "IndexError",        "TypeError",
                                                          "NotImplementedError", "ZeroDivisionError", "OverflowError",
                                                          "LinAlgError",         "OutOfMemoryError",  "KeyError"};

bool IsLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// `builtins.ValueError`, `torch._C._LinAlgError`: the last part without underscores in front.
std::string_view BareClass(std::string_view name) {
  name.remove_prefix(std::min(name.size(), name.rfind('.') + 1));
  name.remove_prefix(std::min(name.size(), name.find_first_not_of('_')));
  return name;
}

// The class that `text` begins with, up to its colon; "" where it begins with anything else.
std::string_view LeadingClass(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  const bool word = std::all_of(name.begin(), name.end(), [](char c) { return IsLetter(c) || c == '.' || c == '_'; });
  const std::string_view bare = BareClass(name);
  const bool named = bare.ends_with("Error") || bare.ends_with("Exception") || bare == "StopIteration";
  return word && named && name.size() < text.size() ? name : std::string_view();
}

std::string_view AfterClass(std::string_view text, std::string_view name) {
  text.remove_prefix(name.size() + 1);
  return text.substr(std::min(text.size(), text.find_first_not_of(' ')));
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    if (IsLetter(c)) {
      if (!inside) words.emplace_back();
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    inside = IsLetter(c);
  }
  return words;
}

// The length of the longest common subsequence.
std::size_t CommonWords(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const std::string& word : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = word == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return row.back();
}

// Whether both say something, and much of it is the same.
bool ShareWords(std::string_view a, std::string_view b) {
  const std::vector<std::string> left = Words(a);
  const std::vector<std::string> right = Words(b);
  const std::size_t shorter = std::min(left.size(), right.size());
  return shorter > 0 && static_cast<double>(CommonWords(left, right)) >= kCommonWords * static_cast<double>(shorter);
}

bool IsOfOperators(std::string_view type) {
  return std::find(kOfOperators.begin(), kOfOperators.end(), type) != kOfOperators.end();
}

// References that were recorded from a TorchScript file: Python knows its exceptions by one name only.
bool IsTorchScripts(std::string_view type) { return type == "Error" || type == "JITException"; }

}  // namespace

ActualError MakeActualError(std::string_view qualified, std::string_view message) {
  const std::string_view leading = LeadingClass(message);
  if (!qualified.empty()) {
    const bool twice = !leading.empty() && BareClass(leading) == BareClass(qualified);
    return {std::string(BareClass(qualified)), std::string(twice ? AfterClass(message, leading) : message)};
  }
  if (leading.empty()) return {"", std::string(message)};
  return {std::string(BareClass(leading)), std::string(AfterClass(message, leading))};
}

RaisedMatch MatchRaised(const Raises& expected, const ActualError& actual, bool keeps_raises) {
  const std::string_view type = BareClass(expected.type);
  const bool same_words = ShareWords(expected.message, actual.message);
  if (!actual.type.empty() && !IsTorchScripts(type)) {
    if (type != actual.type) return RaisedMatch::kOtherClass;
    const bool silent = Words(expected.message).empty() || Words(actual.message).empty();
    return same_words || silent ? RaisedMatch::kSame : RaisedMatch::kOtherWords;
  }
  if (same_words || (expected.message.empty() && actual.message.empty())) return RaisedMatch::kSame;
  if (IsOfOperators(type) || IsTorchScripts(type)) return RaisedMatch::kOtherWords;
  return keeps_raises ? RaisedMatch::kOtherClass : RaisedMatch::kUnrelated;
}

std::string RaisedText(std::string_view type, const std::string& message) {
  const std::string words = Shortened(message, kLongestMessage);
  if (type.empty()) return words.empty() ? "an error without words" : words;
  const std::string bare(BareClass(type));
  return words.empty() ? bare : bare + ": " + words;
}

}  // namespace torchassay
