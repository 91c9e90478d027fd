// What one input of a model may be, as data: the values that the input-spec grammar describes.

#ifndef VALIDATOR_SIGNATURE_KINDS_H_
#define VALIDATOR_SIGNATURE_KINDS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "validator/tensor/dtype.h"

namespace torchassay {

inline constexpr std::int64_t kNoLargestSize = std::numeric_limits<std::int64_t>::max();

// One size of a tensor: fixed, or a symbol (one symbol is one size everywhere) with or without a range.
struct Dim {
  std::optional<std::int64_t> size;  // a fixed size; the rest is unused then
  std::string symbol;                // "" in inferred patterns: free, tied to nothing
  std::optional<std::int64_t> lo;    // both or neither; `hi` may be kNoLargestSize where inferred
  std::optional<std::int64_t> hi;
  std::int64_t step = 1;

  bool operator==(const Dim&) const = default;
};

// Whether this size alone is legal; a symbol without a range allows every size from 1.
bool Admits(const Dim& dim, std::int64_t size);

using Constant = std::variant<bool, std::int64_t, double, std::string>;

// Which values are legal: a range, or a set of choices.
struct ValueDomain {
  std::optional<Constant> lo;  // int64 or double; absent: open
  std::optional<Constant> hi;
  bool nan = false;
  bool inf = false;  // both signs
  std::optional<std::vector<Constant>> choices;

  bool operator==(const ValueDomain&) const = default;
};

enum class Layout { kAny, kChannelsLast, kGrad };

struct TensorSpec {
  DType dtype = DType::kF32;
  std::vector<Dim> dims;  // {} is 0-d
  std::optional<ValueDomain> values;
  Layout layout = Layout::kAny;

  bool operator==(const TensorSpec&) const = default;
};

enum class ScalarKind { kInt, kFloat, kBool, kStr, kNone };
const char* ScalarKindName(ScalarKind kind);  // "int", "float", "bool", "str", "none"

// An argument that is no tensor; one choice is a constant.
struct ScalarSpec {
  ScalarKind kind = ScalarKind::kInt;
  std::optional<ValueDomain> values;

  bool operator==(const ScalarSpec&) const = default;
};

// How many items a list input may have.
struct ListSpec {
  std::int64_t lo = 0;
  std::int64_t hi = 0;

  bool operator==(const ListSpec&) const = default;
};

// Which keys a dict input has, and which of them it may lack.
struct KeysSpec {
  struct Key {
    std::string name;
    bool optional = false;
    bool operator==(const Key&) const = default;
  };
  std::vector<Key> keys;

  bool operator==(const KeysSpec&) const = default;
};

using ValueSpec = std::variant<TensorSpec, ScalarSpec, ListSpec, KeysSpec>;

// One `--input`, or one input of a manifest's signature.
struct InputSpec {
  std::string path;  // "x", "batch.ids", "pair[0]"; "" binds in order
  ValueSpec value;

  bool operator==(const InputSpec&) const = default;
};

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_KINDS_H_
