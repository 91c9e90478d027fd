#include "validator/signature/spec.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "validator/base/closest.h"
#include "validator/base/strings.h"
#include "validator/signature/scanner.h"
#include "validator/signature/spec_values.h"

namespace torchassay {
namespace {

constexpr std::string_view kExample = "write for example `f32[1,3]`";
constexpr std::string_view kDTypes[] = {"f16", "bf16", "f32", "f64",  "i8",  "i16",
                                        "i32", "i64",  "u8",  "bool", "c64", "c128"};
constexpr std::string_view kLayouts[] = {"channels_last", "grad"};
constexpr std::pair<std::string_view, ScalarKind> kScalars[] = {
    {"int", ScalarKind::kInt}, {"float", ScalarKind::kFloat}, {"bool", ScalarKind::kBool}, {"str", ScalarKind::kStr}};
// What people write who know the type by another name.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"half", "f16"},   {"float16", "f16"},   {"bfloat16", "bf16"},  {"float", "f32"}, {"float32", "f32"},
    {"double", "f64"}, {"float64", "f64"},   {"int8", "i8"},        {"int16", "i16"}, {"short", "i16"},
    {"int32", "i32"},  {"int", "i64"},       {"int64", "i64"},      {"long", "i64"},  {"uint8", "u8"},
    {"byte", "u8"},    {"complex64", "c64"}, {"complex128", "c128"}};

bool IsDTypeWord(std::string_view word) {
  return std::find(std::begin(kDTypes), std::end(kDTypes), word) != std::end(kDTypes);
}

bool IsConstantWord(std::string_view word) {
  return word == "true" || word == "false" || word == "none" || word == "nan" || word == "inf";
}

std::optional<ScalarKind> ScalarWord(std::string_view word) {
  for (const auto& [name, kind] : kScalars) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::optional<std::string> Alias(const std::string& word) {
  const std::string lower = Lower(word);
  for (const auto& [other, dtype] : kAliases) {
    if (other == lower) return std::string(dtype);
  }
  return std::nullopt;
}

std::string Nearest(const std::string& word, const std::vector<std::string>& words) {
  return ClosestMatch(word, words).value_or("");
}

// Where the first `=` stands that is in no text and in no braces.
std::optional<std::size_t> FindEquals(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"' && (at == 0 || text[at - 1] != '\\')) quoted = !quoted;
    if (quoted) continue;
    if (text[at] == '{') return std::nullopt;
    if (text[at] == '=') return at;
  }
  return std::nullopt;
}

void ScanBracketStep(Scanner& scanner) {
  const std::size_t start = scanner.Skip();
  if (scanner.Peek() == '"') {
    scanner.Quoted();
  } else if (!IsDigits(scanner.Number().value_or(""))) {
    scanner.FailAt(start, "expected an index or a text in `[]`");
  }
  if (!scanner.Take("]")) scanner.Fail("missing `]` in a name");
}

void ScanPathStep(Scanner& scanner) {
  if (scanner.Take(".")) {
    if (!scanner.Word()) scanner.Fail("expected a name after `.`");
  } else if (scanner.Take("[")) {
    ScanBracketStep(scanner);
  } else {
    scanner.Fail("unexpected " + Quote(std::string(1, scanner.Peek())) + " in a name",
                 "a name is a path such as `batch.ids`, `pair[0]` or `d[\"a b\"]`");
  }
}

// The path before `=`, "" where there is none.
std::string ScanName(Scanner& scanner) {
  const std::optional<std::size_t> end = FindEquals(scanner.text());
  if (!end) return "";
  const std::size_t start = scanner.Skip();
  if (!scanner.Word()) scanner.Fail("expected a name before `=`");
  while (!scanner.failed() && scanner.Skip() < *end) ScanPathStep(scanner);
  std::string_view name = scanner.text().substr(start, *end - start);
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  scanner.MoveTo(*end + 1);
  return std::string(name);
}

std::int64_t ScanSize(Scanner& scanner, const std::string& expected) {
  const std::size_t start = scanner.Skip();
  const std::optional<std::string> text = scanner.Number();
  std::int64_t size = 0;
  if (!text) {
    scanner.Fail(expected);
  } else if (!IsDigits(*text)) {
    scanner.FailAt(start, "a size is a whole number from 0");
  } else if (std::from_chars(text->data(), text->data() + text->size(), size).ec != std::errc()) {
    scanner.FailAt(start, "a size is at most 9223372036854775807");
  }
  return size;
}

void CheckNotEmpty(Scanner& scanner, std::size_t start, std::int64_t lo, std::int64_t hi) {
  if (hi >= lo) return;
  scanner.FailAt(start, "the range " + std::to_string(lo) + ".." + std::to_string(hi) + " is empty");
}

// `1..512:8` after the symbol's colon.
Dim ScanSizeRange(Scanner& scanner, const std::string& symbol) {
  Dim dim{.symbol = symbol};
  const std::size_t start = scanner.Skip();
  dim.lo = ScanSize(scanner, "expected the smallest size after `:`");
  if (!scanner.Take("..")) {
    scanner.Fail("expected `..` in a range of sizes", "write `" + symbol + ":" + std::to_string(*dim.lo) + "..8`");
  }
  dim.hi = ScanSize(scanner, "expected the largest size after `..`");
  CheckNotEmpty(scanner, start, *dim.lo, *dim.hi);
  if (scanner.Take(":")) {
    const std::size_t at = scanner.Skip();
    dim.step = ScanSize(scanner, "expected a step after `:`");
    if (dim.step < 1) scanner.FailAt(at, "a step is at least 1");
  }
  return dim;
}

Dim ScanFixedSize(Scanner& scanner, std::size_t start) {
  Dim dim;
  dim.size = ScanSize(scanner, "expected a size or a symbol");
  if (scanner.Ahead("..")) {
    scanner.FailAt(start, "a range of sizes needs a symbol", "write `T:1..512`");
  }
  return dim;
}

Dim ScanDim(Scanner& scanner, const std::vector<Dim>& before) {
  const std::size_t start = scanner.Skip();
  const std::optional<std::string> symbol = scanner.Word();
  if (!symbol) return ScanFixedSize(scanner, start);
  Dim dim{.symbol = *symbol};
  if (scanner.Take(":")) dim = ScanSizeRange(scanner, *symbol);
  const auto known = std::find_if(before.begin(), before.end(),
                                  [&](const Dim& other) { return other.symbol == *symbol && other.lo.has_value(); });
  if (known != before.end() && dim.lo && *known != dim) {
    scanner.FailAt(start, Quote(*symbol) + " has two different ranges");
  }
  return dim;
}

std::vector<Dim> ScanDims(Scanner& scanner) {
  std::vector<Dim> dims;
  scanner.Take("[");
  if (scanner.Take("]")) return dims;
  while (!scanner.failed()) {
    dims.push_back(ScanDim(scanner, dims));
    if (scanner.Take("]")) return dims;
    if (!scanner.Take(",")) {
      scanner.Fail(scanner.Peek() == '\0' ? "missing `]`" : "expected `,` or `]` after a size");
    }
  }
  return dims;
}

Layout ScanLayout(Scanner& scanner, DType dtype, std::size_t rank) {
  const std::size_t start = scanner.Skip();
  const std::string word = scanner.Word().value_or("");
  if (word == "grad") {
    if (!IsFloating(dtype) && !IsComplex(dtype)) {
      scanner.FailAt(start, "a tensor of " + std::string(DTypeName(dtype)) + " cannot require grad",
                     "only f16 bf16 f32 f64 c64 c128 tensors require grad");
    }
    return Layout::kGrad;
  }
  if (word == "channels_last") {
    if (rank != 4 && rank != 5) scanner.FailAt(start, "channels_last needs 4 or 5 dimensions");
    return Layout::kChannelsLast;
  }
  const std::string guess = Nearest(word, {std::begin(kLayouts), std::end(kLayouts)});
  scanner.FailAt(start, "unknown layout " + Quote(word),
                 guess.empty() ? "a layout is channels_last or grad" : "did you mean " + Quote(guess));
  return Layout::kAny;
}

TensorSpec ScanTensor(Scanner& scanner, const std::string& word) {
  TensorSpec spec;
  spec.dtype = *ParseDType(word);
  spec.dims = ScanDims(scanner);
  if (scanner.Peek() == '{') spec.values = ScanDomain(scanner, word);
  if (scanner.Take("@")) {
    spec.layout = ScanLayout(scanner, spec.dtype, spec.dims.size());
    if (scanner.Peek() == '{') scanner.Fail("the value domain stands before the layout");
  }
  return spec;
}

ListSpec ScanList(Scanner& scanner) {
  ListSpec spec;
  if (!scanner.Take("{")) scanner.Fail("`list` needs its lengths", "write `list{1..4}`");
  const std::size_t start = scanner.Skip();
  spec.lo = ScanSize(scanner, "expected the smallest length");
  spec.hi = scanner.Take("..") ? ScanSize(scanner, "expected the largest length") : spec.lo;
  CheckNotEmpty(scanner, start, spec.lo, spec.hi);
  if (!scanner.Take("}")) scanner.Fail("missing `}`");
  return spec;
}

void ScanKey(Scanner& scanner, KeysSpec& spec) {
  const std::size_t start = scanner.Skip();
  const std::optional<std::string> name = scanner.Peek() == '"' ? scanner.Quoted() : scanner.Word();
  if (!name) {
    scanner.Fail("expected a key", "write `{ids,mask?}`");
    return;
  }
  const auto same = [&](const KeysSpec::Key& key) { return key.name == *name; };
  if (std::any_of(spec.keys.begin(), spec.keys.end(), same)) {
    scanner.FailAt(start, "the key " + Quote(*name) + " is given twice");
  }
  spec.keys.push_back({*name, scanner.Take("?")});
}

KeysSpec ScanKeys(Scanner& scanner) {
  KeysSpec spec;
  scanner.Take("{");
  while (!scanner.failed()) {
    ScanKey(scanner, spec);
    if (scanner.Take("}")) return spec;
    if (!scanner.Take(",")) {
      scanner.Fail(scanner.Peek() == '\0' ? "missing `}`" : "expected `,`, `?` or `}` after a key");
    }
  }
  return spec;
}

ValueSpec FailUnknown(Scanner& scanner, const std::string& word, std::size_t start) {
  const std::optional<std::string> alias = Alias(word);
  const auto suggest = [](const std::string& guess, const std::string& otherwise) {
    return guess.empty() ? otherwise : "did you mean " + Quote(guess);
  };
  if (scanner.Peek() == '[') {
    const std::string guess = alias.value_or(Nearest(word, {std::begin(kDTypes), std::end(kDTypes)}));
    scanner.FailAt(start, "unknown dtype " + Quote(word),
                   suggest(guess, "a dtype is one of f16 bf16 f32 f64 i8 i16 i32 i64 u8 bool c64 c128"));
  } else if (alias) {
    scanner.FailAt(start, "unknown value " + Quote(word), suggest(*alias + "[]", ""));
  } else {
    const std::string guess =
        Nearest(word, {"true", "false", "none", "nan", "inf", "int", "float", "bool", "str", "list"});
    scanner.FailAt(start, "unknown value " + Quote(word),
                   suggest(guess, "a text stands in quotes: `\"" + word + "\"`"));
  }
  return ScalarSpec{};
}

ValueSpec ScanScalar(Scanner& scanner, const std::string& word, ScalarKind kind) {
  ScalarSpec spec{kind, std::nullopt};
  if (scanner.Peek() == '{') spec.values = ScanDomain(scanner, word);
  return spec;
}

ValueSpec ScanWordValue(Scanner& scanner, const std::string& word, std::size_t start) {
  const bool bracket = scanner.Peek() == '[';
  if (IsDTypeWord(word) && bracket) return ScanTensor(scanner, word);
  if (word == "list") return ScanList(scanner);
  if (IsConstantWord(word)) {
    scanner.MoveTo(start);
    return ScanConstant(scanner);
  }
  const std::optional<ScalarKind> scalar = ScalarWord(word);
  if (scalar && !bracket) return ScanScalar(scanner, word, *scalar);
  if (IsDTypeWord(word)) {
    scanner.Fail(Quote(word) + " needs its sizes", Quote(word + "[]") + " is a 0-d tensor");
    return ScalarSpec{};
  }
  return FailUnknown(scanner, word, start);
}

ValueSpec ScanValue(Scanner& scanner) {
  const char next = scanner.Peek();
  if (next == '\0') {
    scanner.Fail("expected a dtype or a value", std::string(kExample));
    return ScalarSpec{};
  }
  if (next == '{') return ScanKeys(scanner);
  if (next == '"' || next == '+' || next == '-' || (next >= '0' && next <= '9')) {
    return ScanConstant(scanner);
  }
  const std::size_t start = scanner.Skip();
  const std::optional<std::string> word = scanner.Word();
  if (word) return ScanWordValue(scanner, *word, start);
  scanner.Fail("unexpected " + Quote(std::string(1, next)), std::string(kExample));
  return ScalarSpec{};
}

Status ToStatus(std::string_view text, const SpecError& error) {
  return Status(StatusCode::kUsage, "TA310",
                error.message + "\n  " + std::string(text) + "\n  " + std::string(error.position, ' ') + "^",
                error.help);
}

}  // namespace

std::variant<InputSpec, SpecError> ScanInputSpec(std::string_view text) {
  Scanner scanner(text);
  if (scanner.Peek() == '\0') return SpecError{"an input spec is empty", "write for example `x=f32[1,3]`", 0};
  InputSpec spec;
  spec.path = ScanName(scanner);
  if (!scanner.failed()) spec.value = ScanValue(scanner);
  scanner.End("the spec");
  if (scanner.failed()) return scanner.error();
  return spec;
}

Result<InputSpec> ParseInputSpec(std::string_view text) {
  auto scanned = ScanInputSpec(text);
  if (const SpecError* error = std::get_if<SpecError>(&scanned)) return ToStatus(text, *error);
  return std::get<InputSpec>(std::move(scanned));
}

}  // namespace torchassay
