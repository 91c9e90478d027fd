#include "validator/runner/generalise.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "validator/base/strings.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

// Sizes that no table of positions reaches by accident; the second one only where the first is no work.
constexpr std::int64_t kFarAway[] = {2053, 131'101};
// Work that one probe of a far size may cost: nodes visited, elements computed.
constexpr std::int64_t kMostSteps = 20'000;
constexpr std::int64_t kMostElements = std::int64_t{1} << 22;
constexpr std::int64_t kSteps[] = {2, 4, 8, 16, 32, 64, 7, 14, 3, 5};
constexpr std::size_t kMostLeftOut = 8;  // slots of which each is left out once
constexpr const char* kSymbols[] = {"T", "S", "L", "K", "M", "P", "Q", "R", "U", "V"};

// A size of the call: which tensor, which dimension.
struct Slot {
  std::size_t tensor = 0;
  std::size_t dim = 0;
  auto operator<=>(const Slot& other) const = default;
};

// Slots that change together, and what is known of their size.
struct Variable {
  std::vector<Slot> slots;
  std::int64_t base = 1;
  bool fixed = false;
  std::int64_t lo = 1;
  std::int64_t hi = kNoLargestSize;
  std::int64_t step = 1;
  std::string why;                          // the refusal of another size
  std::vector<Shape> outputs_when_changed;  // of an accepted change
  std::set<Slot> open;                      // of several slots, those that take other sizes as well
};

class Generaliser {
 public:
  Generaliser(Prober& prober, const Found& found) : prober_(prober), found_(found) { Widen(); }

  General Run() {
    std::vector<Variable> variables;
    std::vector<Variable> stuck;
    for (const Slot& slot : AllSlots()) {
      Variable variable = Explore({slot});
      (variable.fixed ? stuck : variables).push_back(std::move(variable));
    }
    Tie(stuck, variables);
    return Describe(variables, stuck);
  }

 private:
  // A batch of one broadcasts, which would hide that batches belong together.
  void Widen() {
    Form wider = found_.form;
    bool changed = false;
    for (std::size_t i = 0; i < wider.tensors().size(); ++i) {
      const Shape shape = wider.tensor(i).shape;
      if (shape.size() < 2 || shape[0] != 1) continue;
      wider = wider.WithSize(i, 0, 2);
      changed = true;
    }
    if (!changed) return;
    ProbeResult result = prober_.Probe(wider.call());
    if (result.accepted()) found_ = {std::move(wider), std::move(result)};
  }

  std::vector<Slot> AllSlots() const {
    std::vector<Slot> slots;
    for (std::size_t i = 0; i < found_.form.tensors().size(); ++i) {
      for (std::size_t dim = 0; dim < found_.form.tensor(i).shape.size(); ++dim) slots.push_back({i, dim});
    }
    return slots;
  }

  std::int64_t SizeAt(const Slot& slot) const { return found_.form.tensor(slot.tensor).shape[slot.dim]; }

  ProbeResult ProbeWith(const std::vector<Slot>& slots, std::int64_t size) {
    Form form = found_.form;
    for (const Slot& slot : slots) form = form.WithSize(slot.tensor, slot.dim, size);
    return prober_.Probe(form.call());
  }

  bool Takes(const std::vector<Slot>& slots, std::int64_t size) { return ProbeWith(slots, size).accepted(); }

  // The smallest size from which on all are taken, where `good` is taken and `bad` is not.
  std::int64_t Boundary(const std::vector<Slot>& slots, std::int64_t bad, std::int64_t good) {
    while (std::abs(good - bad) > 1) {
      const std::int64_t middle = bad + (good - bad) / 2;
      (Takes(slots, middle) ? good : bad) = middle;
    }
    return good;
  }

  Variable Explore(const std::vector<Slot>& slots) {
    Variable variable{.slots = slots, .base = SizeAt(slots[0])};
    const ProbeResult larger = ProbeWith(slots, variable.base + 1);
    if (larger.accepted()) {
      variable.outputs_when_changed = Shapes(larger);
      FindLowest(variable);
      FindHighest(variable, larger);
      return variable;
    }
    variable.why = RefusalText(*larger.refusal);
    if (!FindSmaller(variable) && !FindStep(variable)) variable.fixed = true;
    return variable;
  }

  void FindLowest(Variable& variable) {
    if (variable.base <= 1 || Takes(variable.slots, 1)) return;
    variable.lo = Boundary(variable.slots, 1, variable.base);
  }

  void FindHighest(Variable& variable, const ProbeResult& larger) {
    std::int64_t good = variable.base + 1;
    for (const std::int64_t distance : kFarAway) {
      const bool costly = IsCostly(variable, larger, distance);
      // Where a far probe would compute much, a size not much larger must do.
      const std::int64_t far = costly ? 4 * variable.base + 3 : distance + variable.base;
      if (!Takes(variable.slots, far)) {
        variable.hi = Boundary(variable.slots, far, good);
        return;
      }
      good = far;
      if (costly) return;
    }
  }

  bool IsCostly(const Variable& variable, const ProbeResult& larger, std::int64_t distance) const {
    const std::int64_t steps_each = larger.steps - found_.result.steps;
    const std::int64_t size = std::max<std::int64_t>(variable.base, 1);
    return steps_each * distance > kMostSteps || larger.elements / size > kMostElements / distance;
  }

  // This size is the largest: positions of a table, for example.
  bool FindSmaller(Variable& variable) {
    if (variable.base < 3) return false;
    const ProbeResult smaller = ProbeWith(variable.slots, variable.base - 1);
    if (!smaller.accepted()) return false;
    variable.outputs_when_changed = Shapes(smaller);
    variable.hi = variable.base;
    FindLowest(variable);
    return true;
  }

  bool FindStep(Variable& variable) {
    for (const std::int64_t step : kSteps) {
      const ProbeResult result = ProbeWith(variable.slots, variable.base + step);
      // A second size alone is no step: 1 and 3 broadcast, 5 does not.
      if (!result.accepted() || !Takes(variable.slots, variable.base + 2 * step)) continue;
      variable.outputs_when_changed = Shapes(result);
      variable.step = step;
      variable.lo = variable.base;
      while (variable.lo - step >= 1 && Takes(variable.slots, variable.lo - step)) variable.lo -= step;
      return true;
    }
    return false;
  }

  // Sizes that do not change alone: all of one size together, those in one place of their tensors, then pairs; if none
  // does, together with those that only end at this very size, such as rows of which there may be more.
  void Tie(std::vector<Variable>& stuck, std::vector<Variable>& variables) {
    std::set<std::int64_t> sizes;
    for (const Variable& variable : stuck) sizes.insert(variable.base);
    for (const std::int64_t size : sizes) {
      const auto tie = [&](const std::vector<Slot>& slots) { return TieAll(slots, stuck, variables); };
      const auto left = [&] { return SlotsOf(stuck, size); };
      if (tie(left())) continue;
      for (const std::vector<Slot>& slots : ByPlace(left())) {
        if (!tie(slots)) TieAllButOne(slots, stuck, variables);
      }
      TiePairs(left(), stuck, variables);
      const std::vector<Slot> ending = EndingAt(variables, size);
      if (ending.empty() || left().empty()) continue;
      std::vector<Slot> together = left();
      together.insert(together.end(), ending.begin(), ending.end());
      if (tie(together)) continue;
      for (const std::vector<Slot>& slots : ByPlace(together)) tie(slots);
    }
  }

  static std::vector<Slot> SlotsOf(const std::vector<Variable>& variables, std::int64_t size) {
    std::vector<Slot> slots;
    for (const Variable& variable : variables) {
      if (variable.base == size) slots.insert(slots.end(), variable.slots.begin(), variable.slots.end());
    }
    return slots;
  }

  // Of several tensors, since a size that ends where another begins is their doing.
  std::vector<Slot> EndingAt(const std::vector<Variable>& variables, std::int64_t size) const {
    if (found_.form.tensors().size() < 2) return {};
    std::vector<Variable> ending;
    std::ranges::copy_if(variables, std::back_inserter(ending), EndsAtItsSize);
    return SlotsOf(ending, size);
  }

  static bool EndsAtItsSize(const Variable& variable) {
    const bool lowest = variable.base > 1 && variable.lo == variable.base;
    return variable.step == 1 && (lowest || variable.hi == variable.base);
  }

  static std::vector<std::vector<Slot>> ByPlace(const std::vector<Slot>& slots) {
    std::map<std::size_t, std::vector<Slot>> places;
    for (const Slot& slot : slots) places[slot.dim].push_back(slot);
    std::vector<std::vector<Slot>> groups;
    for (auto& [dim, group] : places) groups.push_back(std::move(group));
    return groups;
  }

  bool TieAll(const std::vector<Slot>& slots, std::vector<Variable>& stuck, std::vector<Variable>& variables) {
    if (slots.size() < 2) return false;
    Variable tied = Explore(slots);
    if (tied.fixed) return false;
    const auto joins = [&](const Variable& variable) { return std::ranges::count(slots, variable.slots[0]) > 0; };
    for (const Variable& variable : variables) {
      if (joins(variable)) tied.open.insert(variable.slots.begin(), variable.slots.end());
    }
    std::erase_if(stuck, joins);
    std::erase_if(variables, joins);
    variables.push_back(std::move(tied));
    return true;
  }

  // One may have this size for a reason of its own.
  void TieAllButOne(const std::vector<Slot>& slots, std::vector<Variable>& stuck, std::vector<Variable>& variables) {
    for (std::size_t without = 0; without < slots.size() && slots.size() <= kMostLeftOut; ++without) {
      std::vector<Slot> others = slots;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(without));
      if (TieAll(others, stuck, variables)) return;
    }
  }

  void TiePairs(std::vector<Slot> left, std::vector<Variable>& stuck, std::vector<Variable>& variables) {
    for (std::size_t i = 0; i < left.size(); ++i) {
      for (std::size_t j = i + 1; j < left.size(); ++j) {
        if (!TieAll({left[i], left[j]}, stuck, variables)) continue;
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(j));
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
        --i;
        break;
      }
    }
  }

  static std::vector<Shape> Shapes(const ProbeResult& result) {
    std::vector<Shape> shapes;
    for (const ProbedOutput& output : result.outputs) shapes.push_back(output.shape);
    return shapes;
  }

  // "N" for the batch, letters for other ties; a size of its own needs no name.
  void Name(std::vector<Variable>& variables, std::map<Slot, Dim>& dims) const {
    std::size_t next = 0;
    bool batch_named = false;
    for (Variable& variable : variables) {
      Dim dim;
      const bool batch = std::ranges::any_of(variable.slots, [&](const Slot& slot) {
        return slot.dim == 0 && found_.form.tensor(slot.tensor).shape.size() > 1;
      });
      if (batch && !batch_named && (variable.slots.size() > 1 || found_.form.tensors().size() == 1)) {
        dim.symbol = "N";
        batch_named = true;
      } else if (variable.slots.size() > 1) {
        dim.symbol = next < std::size(kSymbols) ? kSymbols[next++] : "X" + std::to_string(next++);
      }
      if (variable.lo > 1 || variable.hi != kNoLargestSize || variable.step > 1) {
        dim.lo = variable.lo;
        dim.hi = variable.hi;
        dim.step = variable.step;
      }
      for (const Slot& slot : variable.slots) dims[slot] = dim;
    }
  }

  General Describe(std::vector<Variable>& variables, const std::vector<Variable>& stuck) const {
    std::map<Slot, Dim> dims;
    Name(variables, dims);
    for (const Variable& variable : stuck) dims[variable.slots[0]].size = variable.base;
    General general;
    for (std::size_t i = 0; i < found_.form.tensors().size(); ++i) {
      GeneralTensor tensor{found_.form.tensors()[i].first, {}, {}};
      tensor.spec.dtype = found_.form.tensor(i).dtype;
      for (std::size_t dim = 0; dim < found_.form.tensor(i).shape.size(); ++dim) {
        tensor.spec.dims.push_back(dims.at({i, dim}));
      }
      for (const Variable& variable : stuck) AddEvidence(variable, i, tensor.evidence);
      for (const Variable& variable : variables) AddEvidence(variable, i, tensor.evidence);
      general.tensors.push_back(std::move(tensor));
    }
    general.outputs = Outputs(variables, dims);
    if (found_.form.tensors().size() > 1) general.coincidences = Coincidences(variables, stuck);
    return general;
  }

  static std::size_t Coincidences(const std::vector<Variable>& variables, const std::vector<Variable>& stuck) {
    const auto by_chance = [](const Variable& variable) { return variable.base > 2 && EndsAtItsSize(variable); };
    const auto chosen = [](const Variable& variable) {
      const bool batch = variable.slots[0].tensor == 0 && variable.slots[0].dim == 0;
      return variable.base == 1 || batch;
    };
    return static_cast<std::size_t>(std::ranges::count_if(variables, by_chance) + std::ranges::count_if(stuck, chosen));
  }

  void AddEvidence(const Variable& variable, std::size_t tensor, std::vector<Evidence>& evidence) const {
    for (const Slot& slot : variable.slots) {
      if (slot.tensor != tensor) continue;
      const std::string label = "dimension " + std::to_string(slot.dim);
      if (variable.fixed) {
        evidence.push_back({label + " = " + std::to_string(variable.base), variable.why});
      } else if (variable.slots.size() > 1) {
        const char* taken = variable.open.contains(slot) ? "taken where it equals " : "taken only where it equals ";
        evidence.push_back({label, taken + Others(variable, slot)});
      } else {
        evidence.push_back({label, RangeText(variable)});
      }
    }
  }

  std::string Others(const Variable& variable, const Slot& slot) const {
    std::vector<std::string> others;
    for (const Slot& other : variable.slots) {
      if (other == slot) continue;
      others.push_back("dimension " + std::to_string(other.dim) + " of `" + found_.form.tensors()[other.tensor].first +
                       "`");
    }
    return Join(others, ", ");
  }

  static std::string RangeText(const Variable& variable) {
    const std::string step = variable.step > 1 ? " in steps of " + std::to_string(variable.step) : "";
    if (variable.hi != kNoLargestSize) {
      return "taken from " + std::to_string(variable.lo) + " to " + std::to_string(variable.hi) + step;
    }
    return "taken from " + std::to_string(variable.lo) + " on" + step;
  }

  // Output sizes that follow an input's size are named like it.
  std::vector<OutputSpec> Outputs(const std::vector<Variable>& variables, const std::map<Slot, Dim>& dims) const {
    std::vector<OutputSpec> outputs;
    for (std::size_t i = 0; i < found_.result.outputs.size(); ++i) {
      const ProbedOutput& output = found_.result.outputs[i];
      if (!output.dtype) {
        outputs.push_back({output.path, output.text});
        continue;
      }
      TensorSpec spec;
      spec.dtype = *output.dtype;
      for (std::size_t dim = 0; dim < output.shape.size(); ++dim) {
        spec.dims.push_back(OutputDim(variables, dims, i, dim));
      }
      outputs.push_back({output.path, PrintValueSpec(spec)});
    }
    return outputs;
  }

  Dim OutputDim(const std::vector<Variable>& variables, const std::map<Slot, Dim>& dims, std::size_t output,
                std::size_t dim) const {
    Dim result;
    const Shape& base = found_.result.outputs[output].shape;
    result.size = base[dim];
    for (const Variable& variable : variables) {
      if (output >= variable.outputs_when_changed.size()) continue;
      const Shape& changed = variable.outputs_when_changed[output];
      if (changed.size() == base.size() && changed[dim] == base[dim]) continue;
      result.size.reset();
      result.symbol = base[dim] == variable.base ? dims.at(variable.slots[0]).symbol : "";
    }
    return result;
  }

  Prober& prober_;
  Found found_;
};

}  // namespace

General Generalise(Prober& prober, const Found& found) { return Generaliser(prober, found).Run(); }

}  // namespace torchassay
