// ModelDiff: how two models differ in signature, modules, operators and weights; plain data for the renderers.

#ifndef VALIDATOR_REPORT_MODEL_DIFF_H_
#define VALIDATOR_REPORT_MODEL_DIFF_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace torchassay {

enum class Change { kAdded, kRemoved, kChanged };
// "added", "removed", "changed".
const char* ChangeName(Change change);

// One line of the comparison: a method's schema, a module's class, an operator's count, a method's code.
struct TextChange {
  Change change = Change::kChanged;
  std::string name;
  std::string before;  // "" where added
  std::string after;   // "" where removed
};

// How many elements moved by how many units in the last place.
struct UlpHistogram {
  static constexpr std::array<const char*, 6> kLabels = {"1",          "2..15",   "16..255",
                                                         "256..65535", "65536..", "sign or NaN"};
  std::array<std::int64_t, 6> counts{};
};

struct WeightChange {
  Change change = Change::kChanged;
  std::string path;
  std::string before;  // "f32[64,3,7,7]", "" where added
  std::string after;   // "" where removed
  // The numbers below need the same dtype, shape and layout on both sides; else elements is 0.
  std::int64_t elements = 0;
  std::int64_t changed_elements = 0;
  std::optional<double> norm_before;  // Euclidean, of the finite elements
  std::optional<double> norm_after;
  std::optional<double> norm_difference;  // of after − before
  std::optional<double> largest_change;   // |after − before|, of the finite elements
  std::optional<UlpHistogram> ulp;        // floating types only
};

struct ModelDiff {
  std::string old_name;
  std::string new_name;
  std::vector<TextChange> signature;   // methods of the root module
  std::vector<TextChange> modules;     // path: class
  std::vector<TextChange> attributes;  // path: value
  std::vector<TextChange> operators;   // name: how often it is written
  std::vector<TextChange> code;        // class.method whose text changed; mangled names do not count
  std::vector<WeightChange> weights;
  std::int64_t equal_weights = 0;  // tensors that are equal bit by bit

  bool equal() const {
    return signature.empty() && modules.empty() && attributes.empty() && operators.empty() && code.empty() &&
           weights.empty();
  }
};

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_MODEL_DIFF_H_
