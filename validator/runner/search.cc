#include "validator/runner/search.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace torchassay {
namespace {

// Sizes that are tried in place of one that broadcasts.
constexpr std::int64_t kLargestWhole = 4096;

// A refused call that may be changed further.
struct Candidate {
  Form form;
  ProbeResult result;
  std::vector<Form> moves;
  std::size_t next = 0;
  int plateau = 0;  // changes in a row that brought it no farther
};

// The right element type is a step ahead, although the same operator refuses again; so is one more size that fits.
bool IsFarther(const ProbeResult& before, const ProbeResult& after) {
  if (after.places != before.places) return after.places > before.places;
  if (before.refusal->code == "TA303" && after.refusal->code != "TA303") return true;
  return after.refusal->misfits > 0 && after.refusal->misfits < before.refusal->misfits;
}

// Where and why a call was refused, whatever the sizes: an operator that now minds its second input has taken the
// first.
std::string ReasonAt(const ProbeResult& result) {
  std::string reason = std::to_string(result.places) + " ";
  for (const char c : result.refusal->reason) {
    const bool digit = c >= '0' && c <= '9';
    // A number is left out, but `input1` is a name.
    if (!digit || std::isalnum(static_cast<unsigned char>(reason.back())) != 0) reason += c;
  }
  return reason;
}

class Search {
 public:
  Search(Prober& prober, const SearchLimits& limits) : prober_(prober), limits_(limits) {}

  Searched Run(const std::vector<Form>& seeds) {
    for (const Form& seed : seeds) {
      if (auto found = Try(seed)) return {std::move(found), std::nullopt};
    }
    for (std::optional<std::size_t> best = Best(); best; best = Best()) {
      Candidate& candidate = candidates_[*best];
      const Form move = candidate.moves[candidate.next++];
      if (auto found = Try(move, *best)) return {std::move(found), std::nullopt};
    }
    return {std::nullopt, Farthest()};
  }

 private:
  std::optional<Found> Try(const Form& form, std::optional<std::size_t> parent = std::nullopt) {
    if (Spent() || !seen_.insert(form.Key()).second) return std::nullopt;
    ++tried_;
    ++since_progress_;
    ProbeResult result = prober_.Probe(form.call());
    steps_ += result.steps;
    if (result.accepted() && result.unsure) return std::nullopt;
    if (result.accepted()) return Found{form, std::move(result)};
    const bool farthest = candidates_.empty() || IsFarther(candidates_[farthest_].result, result);
    const bool another = limits_.moves.patient && reasons_.insert(ReasonAt(result)).second;
    const bool farther = !parent || IsFarther(candidates_[*parent].result, result) ||
                         (another && result.places == candidates_[*parent].result.places);
    const int plateau = farther ? 0 : candidates_[*parent].plateau + 1;
    std::vector<Form> moves = ListMoves(form, *result.refusal, limits_.moves);
    candidates_.push_back({form, std::move(result), std::move(moves), 0, plateau});
    if (farthest) farthest_ = candidates_.size() - 1;
    if (farthest || (another && farther)) since_progress_ = 0;
    return std::nullopt;
  }

  bool Spent() const {
    return tried_ >= limits_.probes || since_progress_ >= limits_.without_progress || steps_ >= limits_.steps;
  }

  // The candidate that came farthest and can still be changed; of several, the one that was changed least.
  std::optional<std::size_t> Best() const {
    const auto rank = [](const Candidate& candidate) {
      return std::tuple(candidate.result.places, -candidate.plateau, -static_cast<std::int64_t>(candidate.next));
    };
    std::optional<std::size_t> best;
    for (std::size_t i = 0; !Spent() && i < candidates_.size(); ++i) {
      if (candidates_[i].next >= candidates_[i].moves.size()) continue;
      if (!best || rank(candidates_[i]) > rank(candidates_[*best])) best = i;
    }
    return best;
  }

  std::optional<Found> Farthest() const {
    if (candidates_.empty()) return std::nullopt;
    return Found{candidates_[farthest_].form, candidates_[farthest_].result};
  }

  Prober& prober_;
  SearchLimits limits_;
  int tried_ = 0;
  int since_progress_ = 0;
  std::int64_t steps_ = 0;
  std::size_t farthest_ = 0;
  std::set<std::string> seen_;
  std::set<std::string> reasons_;
  std::vector<Candidate> candidates_;
};

}  // namespace

Searched SearchAccepted(Prober& prober, const std::vector<Form>& seeds, const SearchLimits& limits) {
  return Search(prober, limits).Run(seeds);
}

Form UsualForm(const Form& declared, DType dtype, std::size_t rank) {
  Form form = declared;
  for (std::size_t i = 0; i < declared.tensors().size(); ++i) form = form.With(i, dtype, UsualShape(rank));
  return form;
}

namespace {

bool SameTypes(const ProbeResult& left, const ProbeResult& right) {
  return std::equal(left.outputs.begin(), left.outputs.end(), right.outputs.begin(), right.outputs.end(),
                    [](const ProbedOutput& a, const ProbedOutput& b) { return a.dtype == b.dtype; });
}

// Puts this call in the place of `found` if it is taken too.
bool Replace(Prober& prober, Form form, Found& found) {
  ProbeResult result = prober.Probe(form.call());
  if (!result.accepted()) return false;
  found = {std::move(form), std::move(result)};
  return true;
}

}  // namespace

Found PreferUsualTypes(Prober& prober, Found found) {
  const auto changed = [&](std::size_t index, DType dtype) {
    Form form = found.form.With(index, dtype, found.form.tensor(index).shape);
    ProbeResult result = prober.Probe(form.call());
    return Found{std::move(form), std::move(result)};
  };
  std::set<Shape> of_integers;
  for (std::size_t i = 0; i < found.form.tensors().size(); ++i) {
    const TensorRef tensor = found.form.tensor(i);
    if (tensor.dtype == DType::kF32) continue;
    Found floats = changed(i, DType::kF32);
    if (floats.result.accepted())
      found = std::move(floats);
    else if (IsInteger(tensor.dtype))
      of_integers.insert(tensor.shape);
  }
  for (std::size_t i = 0; i < found.form.tensors().size(); ++i) {
    if (of_integers.count(found.form.tensor(i).shape) == 0) continue;
    Found integers = changed(i, DType::kI64);
    // What makes the output integer too is data, no mask.
    if (integers.result.accepted() && SameTypes(integers.result, found.result)) found = std::move(integers);
  }
  return found;
}

Found PreferLowRanks(Prober& prober, Found found) {
  if (found.form.tensors().size() < 2 || found.form.tensor(0).shape.size() < 2) return found;
  const std::int64_t batch = found.form.tensor(0).shape[0];
  for (std::size_t i = 1; i < found.form.tensors().size(); ++i) {
    const Shape shape = found.form.tensor(i).shape;
    for (std::size_t kept = 1; kept + 1 < shape.size(); ++kept) {
      Shape low(shape.end() - static_cast<std::ptrdiff_t>(kept), shape.end());
      low.insert(low.begin(), batch);
      if (Replace(prober, found.form.WithShape(i, std::move(low)), found)) break;
    }
  }
  return found;
}

Found PreferBatches(Prober& prober, Found found) {
  if (found.form.tensors().size() < 2 || found.form.tensor(0).shape.empty()) return found;
  const std::int64_t batch = found.form.tensor(0).shape[0];
  const auto has_batch = [&](std::size_t i) {
    const Shape& shape = found.form.tensor(i).shape;
    if (shape.empty() || shape[0] != batch) return std::ranges::count(shape, batch) > 0;
    return prober.Probe(found.form.WithSize(0, 0, batch + 1).WithSize(i, 0, batch + 1).call()).accepted();
  };
  for (std::size_t i = 1; i < found.form.tensors().size(); ++i) {
    const Shape first = found.form.tensor(0).shape, own = found.form.tensor(i).shape;
    const std::size_t highest = std::max<std::size_t>(first.size(), 2);
    if (own.size() >= highest || has_batch(i)) continue;
    for (std::size_t leading = 1; leading <= first.size() && leading + own.size() <= highest; ++leading) {
      Shape shape(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(leading));
      shape.insert(shape.end(), own.begin(), own.end());
      if (Replace(prober, found.form.WithShape(i, std::move(shape)), found)) break;
    }
  }
  return found;
}

Found PreferWholeSizes(Prober& prober, Found found) {
  for (std::size_t i = 0; i < found.form.tensors().size(); ++i) {
    for (std::size_t dim = 0; dim < found.form.tensor(i).shape.size(); ++dim) {
      if (found.form.tensor(i).shape[dim] != 1) continue;
      const ProbeResult two = prober.Probe(found.form.WithSize(i, dim, 2).call());
      if (two.accepted()) continue;
      const std::set<std::int64_t> sizes(two.refusal->numbers.begin(), two.refusal->numbers.end());
      for (auto size = sizes.upper_bound(1); size != sizes.end() && *size <= kLargestWhole; ++size) {
        if (Replace(prober, found.form.WithSize(i, dim, *size), found)) break;
      }
    }
  }
  return found;
}

}  // namespace torchassay
