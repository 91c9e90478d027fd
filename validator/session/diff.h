// Diff: how two models differ in signature, modules, operators and weights; no data needed.

#ifndef VALIDATOR_SESSION_DIFF_H_
#define VALIDATOR_SESSION_DIFF_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "validator/archive/archive.h"
#include "validator/base/status.h"

namespace torchassay {

enum class Change { kAdded, kRemoved, kChanged };
// "added", "removed", "changed".
const char* ChangeName(Change change);

// One line of the comparison: a method's schema, a module's class, an operator's count, a code text.
struct TextChange {
  Change change = Change::kChanged;
  std::string name;
  std::string before;  // "" where added
  std::string after;   // "" where removed
};

// How many elements moved by how many units in the last place: 1, 2-15, 16-255, 256-65535, more,
// and sign changes or non-finite values.
struct UlpHistogram {
  static constexpr const char* kLabels[] = {"1", "2..15", "16..255", "256..65535", "65536..", "sign or nan"};
  std::array<std::int64_t, 6> counts{};
};

struct WeightChange {
  Change change = Change::kChanged;
  std::string path;
  std::string before;  // "f32[64,3,7,7]", "" where added
  std::string after;
  // Only where both sides have the same dtype and shape:
  std::int64_t elements = 0;
  std::int64_t changed_elements = 0;
  std::optional<double> norm_before;      // Euclidean
  std::optional<double> norm_after;
  std::optional<double> norm_difference;  // of after − before
  std::optional<double> largest_change;   // |after − before|
  std::optional<UlpHistogram> ulp;        // floating types only
};

struct ModelDiff {
  std::string old_name;
  std::string new_name;
  std::vector<TextChange> signature;  // methods of the root module
  std::vector<TextChange> modules;    // path: class
  std::vector<TextChange> attributes;  // path: value
  std::vector<TextChange> operators;  // name: count
  std::vector<TextChange> code;       // methods whose code changed, mangled names and places ignored
  std::vector<WeightChange> weights;
  std::int64_t equal_weights = 0;  // tensors equal bit by bit
  bool equal() const {
    return signature.empty() && modules.empty() && attributes.empty() && operators.empty() &&
           code.empty() && weights.empty();
  }
};

struct DiffOptions {
  std::string old_path;  // a `.pt` or a bundle's folder
  std::string new_path;
};

// Weights are streamed: memory does not grow with them.
Result<ModelDiff> Diff(const DiffOptions& options);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_DIFF_H_
