#include "validator/runner/search.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>

namespace torchassay {
namespace {

// Numbers of the refusing operator that are tried as sizes.
constexpr std::size_t kMostNumbers = 10;
constexpr std::int64_t kLargestTried = 1 << 20;
// Sizes of images and windows that models ask for.
constexpr std::int64_t kUsualSizes[] = {32, 28, 64, 96, 128, 256, 299, 384, 512, 16, 8, 1};
constexpr std::size_t kHighestRank = 5;

Shape UsualShape(std::size_t rank) {
  switch (rank) {
    case 0: return {};
    case 1: return {16};
    case 2: return {2, 16};
    case 3: return {2, 3, 64};
    case 4: return {2, 3, 224, 224};
    default: return {2, 3, 16, 112, 112};
  }
}

// A refused call that may be changed further.
struct Candidate {
  Form form;
  ProbeResult result;
  std::vector<Form> moves;
  std::size_t next = 0;
  int plateau = 0;  // changes in a row that brought it no farther
};

std::vector<std::int64_t> Numbers(const Refusal& refusal) {
  std::vector<std::int64_t> numbers;
  for (const std::int64_t number : refusal.numbers) {
    const bool known = std::find(numbers.begin(), numbers.end(), number) != numbers.end();
    if (number >= 1 && number <= kLargestTried && !known) numbers.push_back(number);
  }
  if (numbers.size() > kMostNumbers) numbers.resize(kMostNumbers);
  return numbers;
}

// Lists every way in which a refused call is changed, the likeliest first.
class Moves {
 public:
  Moves(const Form& form, const Refusal& refusal)
      : form_(form), about_type_(refusal.code == "TA303"), numbers_(Numbers(refusal)) {}

  std::vector<Form> All() {
    const std::size_t count = form_.tensors().size();
    for (std::size_t i = 0; about_type_ && i < count; ++i) AddTypes(i);
    for (std::size_t i = 0; i < count; ++i) {
      AddSizes(i);
      AddEqualSizes(i);
      if (!about_type_) AddTypes(i);
    }
    AddAlike();
    for (std::size_t i = 0; i < count; ++i) {
      AddRanks(i);
      AddSmallSizes(i);
    }
    return std::move(moves_);
  }

 private:
  void AddSizes(std::size_t index) {
    const Shape& shape = form_.tensor(index).shape;
    for (const std::int64_t number : numbers_) {
      for (std::size_t dim = 0; dim < shape.size(); ++dim) {
        const std::size_t from_end = shape.size() - 1 - dim;
        if (shape[from_end] != number) moves_.push_back(form_.WithSize(index, from_end, number));
      }
    }
  }

  void AddTypes(std::size_t index) {
    const TensorRef& tensor = form_.tensor(index);
    for (const DType dtype : {DType::kI64, DType::kF32, DType::kBool, DType::kF64, DType::kF16, DType::kBF16, DType::kI32,
                              DType::kU8, DType::kC64}) {
      if (dtype != tensor.dtype) moves_.push_back(form_.With(index, dtype, tensor.shape));
    }
  }

  void AddRanks(std::size_t index) {
    const TensorRef& tensor = form_.tensor(index);
    for (std::size_t rank = 0; rank <= kHighestRank; ++rank) {
      if (rank != tensor.shape.size()) moves_.push_back(form_.WithShape(index, UsualShape(rank)));
    }
  }

  // Height and width alike, the batch and channels as they are.
  void AddEqualSizes(std::size_t index) {
    const Shape shape = form_.tensor(index).shape;
    if (shape.size() < 3) return;
    std::vector<std::int64_t> sizes(std::begin(kUsualSizes), std::end(kUsualSizes));
    sizes.insert(sizes.begin(), numbers_.begin(), numbers_.end());
    AddAllEqual(index, shape, sizes);
  }

  void AddSmallSizes(std::size_t index) {
    const Shape shape = form_.tensor(index).shape;
    std::vector<std::int64_t> sizes;
    for (std::int64_t size = 2; size <= 64; ++size) sizes.push_back(size);
    if (shape.size() >= 3) AddAllEqual(index, shape, sizes);
  }

  void AddAllEqual(std::size_t index, const Shape& shape, const std::vector<std::int64_t>& sizes) {
    for (const std::int64_t size : sizes) {
      Shape changed = shape;
      std::fill(changed.begin() + (shape.size() == 3 ? 1 : 2), changed.end(), size);
      moves_.push_back(form_.WithShape(index, std::move(changed)));
      if (shape.size() == 3) moves_.push_back(form_.WithSize(index, 2, size));
    }
  }

  // Two tensors of one shape.
  void AddAlike() {
    const std::size_t count = form_.tensors().size();
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        if (i != j) moves_.push_back(form_.WithShape(i, form_.tensor(j).shape));
      }
    }
  }

  const Form& form_;
  bool about_type_;
  std::vector<std::int64_t> numbers_;
  std::vector<Form> moves_;
};

// The right element type is a step ahead, although the same operator refuses again.
bool IsFarther(const ProbeResult& before, const ProbeResult& after) {
  if (after.steps != before.steps) return after.steps > before.steps;
  return before.refusal->code == "TA303" && after.refusal->code != "TA303";
}

class Search {
 public:
  Search(Prober& prober, int probes) : prober_(prober), left_(probes) {}

  std::optional<Found> Run(const std::vector<Form>& seeds) {
    for (const Form& seed : seeds) {
      if (auto found = Try(seed)) return found;
    }
    for (std::optional<std::size_t> best = Best(); best; best = Best()) {
      Candidate& candidate = candidates_[*best];
      const Form move = candidate.moves[candidate.next++];
      if (auto found = Try(move, *best)) return found;
    }
    return std::nullopt;
  }

 private:
  std::optional<Found> Try(const Form& form, std::optional<std::size_t> parent = std::nullopt) {
    if (left_ <= 0 || !seen_.insert(form.Key()).second) return std::nullopt;
    --left_;
    ProbeResult result = prober_.Probe(form.call());
    if (result.accepted()) return Found{form, std::move(result)};
    std::vector<Form> moves = Moves(form, *result.refusal).All();
    const bool farther = !parent || IsFarther(candidates_[*parent].result, result);
    const int plateau = farther ? 0 : candidates_[*parent].plateau + 1;
    candidates_.push_back({form, std::move(result), std::move(moves), 0, plateau});
    return std::nullopt;
  }

  // The candidate that came farthest and can still be changed; of several, the one that was changed least.
  std::optional<std::size_t> Best() const {
    const auto rank = [](const Candidate& candidate) {
      return std::tuple(candidate.result.steps, -candidate.plateau, -static_cast<std::int64_t>(candidate.next));
    };
    std::optional<std::size_t> best;
    for (std::size_t i = 0; left_ > 0 && i < candidates_.size(); ++i) {
      if (candidates_[i].next >= candidates_[i].moves.size()) continue;
      if (!best || rank(candidates_[i]) > rank(candidates_[*best])) best = i;
    }
    return best;
  }

  Prober& prober_;
  int left_;
  std::set<std::string> seen_;
  std::vector<Candidate> candidates_;
};

Form AllOf(const Form& form, DType dtype, const Shape& shape) {
  Form changed = form;
  for (std::size_t i = 0; i < form.tensors().size(); ++i) changed = changed.With(i, dtype, shape);
  return changed;
}

}  // namespace

std::vector<Form> SeedsOfRank(const Form& form, std::size_t rank) {
  std::vector<Form> seeds;
  for (const DType dtype : {DType::kF32, DType::kI64}) seeds.push_back(AllOf(form, dtype, UsualShape(rank)));
  return seeds;
}

std::vector<Form> UsualSeeds(const Form& declared, std::span<const std::size_t> ranks) {
  if (declared.tensors().empty()) return {declared};
  std::vector<Form> seeds;
  for (const std::size_t rank : ranks) {
    for (Form& seed : SeedsOfRank(declared, rank)) seeds.push_back(std::move(seed));
  }
  return seeds;
}

std::optional<Found> SearchAccepted(Prober& prober, const std::vector<Form>& seeds, int probes) {
  return Search(prober, probes).Run(seeds);
}

}  // namespace torchassay
