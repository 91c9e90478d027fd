#include "validator/runner/moves.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

namespace torchassay {
namespace {

// Numbers of the refusing operator that are tried as sizes.
constexpr std::size_t kMostNumbers = 12;
constexpr std::int64_t kLargestTried = 1 << 20;
// Sizes of images and windows that models ask for.
constexpr std::int64_t kUsualSizes[] = {32, 28, 64, 96, 128, 224, 256, 299, 384, 512, 16, 8, 1};
constexpr std::int64_t kDepths[] = {16, 8, 32, 4, 10, 64, 5, 12, 20, 3, 2, 1};
constexpr std::int64_t kSides[] = {112, 16, 32, 64, 28, 56, 224, 8, 14, 24, 40, 48, 128};
constexpr DType kTypes[] = {DType::kI64,  DType::kF32, DType::kBool, DType::kF64, DType::kF16,
                            DType::kBF16, DType::kI32, DType::kU8,   DType::kC64, DType::kC128};
constexpr std::size_t kLikelyTypes = 3;  // the first of them

std::vector<std::int64_t> Numbers(const Refusal& refusal, bool several) {
  std::vector<std::int64_t> numbers;
  for (const std::int64_t number : refusal.numbers) {
    const bool known = std::find(numbers.begin(), numbers.end(), number) != numbers.end();
    if (number >= 1 && number <= kLargestTried && !known) numbers.push_back(number);
  }
  // A size of 1 broadcasts, and seldom is what was meant.
  if (several) std::stable_partition(numbers.begin(), numbers.end(), [](std::int64_t number) { return number != 1; });
  if (numbers.size() > kMostNumbers) numbers.resize(kMostNumbers);
  return numbers;
}

class Moves {
 public:
  Moves(const Form& form, const Refusal& refusal, const MoveLimits& limits)
      : form_(form), refusal_(refusal), limits_(limits), numbers_(Numbers(refusal, form.tensors().size() > 1)) {
    const auto tensors = form.tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const bool blamed = refusal.blamed.empty() || std::ranges::count(refusal.blamed, tensors[i].first) > 0;
      (blamed ? blamed_ : others_).push_back(i);
    }
  }

  std::vector<Form> All() {
    // A model that raises often minds a number or a word.
    if (refusal_.op.empty()) AddScalars();
    AddFor(blamed_);
    AddFor(others_);
    if (!limits_.all_ranks) AddAlike();
    AddHalves();
    for (const std::size_t i : blamed_) AddLast(i);
    for (const std::size_t i : others_) AddLast(i);
    return std::move(moves_);
  }

 private:
  void AddFor(const std::vector<std::size_t>& tensors) {
    const bool about_type = refusal_.code == "TA303";
    for (const std::size_t i : tensors) AddAsked({i});
    if (about_type) AddTypesTogether(tensors);
    for (const std::size_t i : tensors) {
      if (about_type) AddTypes(i);
    }
    const bool sizes_first = (limits_.patient && form_.tensors().size() > 2) || MindsOnlySizes();
    AddLists(tensors);
    if (!sizes_first) AddRanksTogether(tensors);
    for (const std::size_t i : tensors) {
      if (sizes_first) AddSizes(i);
    }
    if (sizes_first) AddRanksTogether(tensors);
    for (const std::size_t i : tensors) {
      if (i > 0) AddRanks(i);
      if (WantsOtherFeatures()) AddVolumes(i);
      if (!sizes_first) AddSizes(i);
      AddRuns(i);
      AddEqualSizes(i);
      if (!about_type) AddTypes(i);
    }
  }

  // No convolution, which would want other channels.
  bool WantsOtherFeatures() const { return refusal_.excess != 0 && refusal_.op.find("conv") == std::string::npos; }

  // Tensors that are joined or broadcast have one rank already, or one of them is the model's own.
  bool MindsOnlySizes() const {
    const auto& shapes = refusal_.shapes;
    return refusal_.misfits > 0 && (refusal_.blamed.size() == 1 || std::ranges::all_of(shapes, [&](const Shape& shape) {
                                      return shape.size() == shapes[0].size();
                                    }));
  }

  // What the model compared with, or says in its own words.
  void AddScalars() {
    const auto scalars = form_.scalars();
    for (std::size_t i = 0; i < scalars.size(); ++i) {
      if (std::holds_alternative<std::string>(scalars[i]->content)) {
        for (const std::string& word : refusal_.words) moves_.push_back(form_.WithScalar(i, Value{word}));
      } else {
        for (const std::int64_t number : refusal_.compared) moves_.push_back(form_.WithScalar(i, Value{number}));
        for (const std::int64_t number : numbers_) moves_.push_back(form_.WithScalar(i, Value{number}));
      }
    }
  }

  void AddLast(std::size_t index) {
    AddLonger(index);
    if (index == 0) AddRanks(index);
    AddSmallSizes(index);
  }

  // The very shape that the operator asks for.
  void AddAsked(const std::vector<std::size_t>& together) {
    for (const Shape& shape : refusal_.asked) {
      Form form = form_;
      for (const std::size_t i : together) {
        const bool rank_stays = limits_.all_ranks || (i == 0 && limits_.first_rank);
        if (!rank_stays || shape.size() == form.tensor(i).shape.size()) form = form.WithShape(i, shape);
      }
      const bool fits =
          std::ranges::all_of(shape, [](std::int64_t size) { return size >= 1 && size <= kLargestTried; });
      if (fits && form.Key() != form_.Key()) moves_.push_back(std::move(form));
    }
  }

  // What is joined in the end must often have one rank, none of which fits alone: all ids, all numbers.
  void AddRanksTogether(const std::vector<std::size_t>& tensors) {
    if (limits_.all_ranks) return;
    for (const bool integers : {true, false}) {
      std::vector<std::size_t> alike;
      for (const std::size_t i : tensors) {
        if (IsInteger(form_.tensor(i).dtype) == integers && !(i == 0 && limits_.first_rank)) alike.push_back(i);
      }
      for (std::size_t rank = 1; alike.size() > 1 && rank <= 4; ++rank) {
        Form form = form_;
        for (const std::size_t i : alike) form = form.WithShape(i, OfRank(form_.tensor(i).shape, rank));
        if (form.Key() != form_.Key()) moves_.push_back(std::move(form));
      }
    }
  }

  // Another rank with the same leading sizes: the batch stays the batch.
  static Shape OfRank(const Shape& shape, std::size_t rank) {
    Shape changed = UsualShape(rank);
    std::copy_n(shape.begin(), std::min(rank, shape.size()), changed.begin());
    return changed;
  }

  void AddSizes(std::size_t index) {
    const Shape& shape = form_.tensor(index).shape;
    // One of several that are joined to what is too wide.
    for (std::size_t dim = shape.size(); form_.tensors().size() > 1 && refusal_.excess != 0 && dim-- > 0;) {
      const std::int64_t size = shape[dim] - refusal_.excess;
      if (size >= 1 && size <= kLargestTried) moves_.push_back(form_.WithSize(index, dim, size));
    }
    for (const std::int64_t number : numbers_) {
      for (std::size_t dim = 0; dim < shape.size(); ++dim) {
        const std::size_t from_end = shape.size() - 1 - dim;
        if (shape[from_end] != number) moves_.push_back(form_.WithSize(index, from_end, number));
      }
    }
  }

  // Two or three sizes of a weight that stand side by side, at every place.
  void AddRuns(std::size_t index) {
    const Shape& shape = form_.tensor(index).shape;
    for (const Shape& other : refusal_.shapes) {
      for (std::size_t length = 2; length <= std::min<std::size_t>({3, other.size(), shape.size()}); ++length) {
        for (std::size_t from = 0; from + length <= other.size(); ++from) AddRun(index, other, from, length);
      }
    }
  }

  void AddRun(std::size_t index, const Shape& other, std::size_t from, std::size_t length) {
    const Shape shape = form_.tensor(index).shape;
    for (std::size_t to = 0; to + length <= shape.size(); ++to) {
      Shape changed = shape;
      std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(from), length,
                  changed.begin() + static_cast<std::ptrdiff_t>(to));
      if (changed != shape) moves_.push_back(form_.WithShape(index, std::move(changed)));
    }
  }

  void AddTypes(std::size_t index) {
    const TensorRef& tensor = form_.tensor(index);
    const bool likely_ids = tensor.shape.size() > 2 && form_.tensors().size() > 1 && !limits_.all_ranks;
    const bool likely_only = form_.tensors().size() > 1 && refusal_.code != "TA303" && !refusal_.op.empty();
    for (const DType dtype : std::span(kTypes).first(likely_only ? kLikelyTypes : std::size(kTypes))) {
      const bool barred = limits_.floats && (IsInteger(dtype) || dtype == DType::kBool);
      // Ids seldom have more dimensions than a batch of sequences.
      if (dtype == DType::kI64 && dtype != tensor.dtype && likely_ids && !barred) {
        moves_.push_back(form_.With(index, dtype, OfRank(tensor.shape, 2)));
      }
      if (dtype != tensor.dtype && !barred) moves_.push_back(form_.With(index, dtype, tensor.shape));
    }
  }

  // Ids beside their offsets, each in a list of its own: neither is right before both are.
  void AddTypesTogether(const std::vector<std::size_t>& tensors) {
    const auto paths = form_.tensors();
    for (const DType dtype : {DType::kI64, DType::kF32}) {
      Form form = form_;
      std::size_t changed = 0;
      for (std::size_t i = 0; i < paths.size(); ++i) {
        const bool meant = std::ranges::any_of(
            tensors, [&](std::size_t j) { return i == j || AreItemsOfOneList(paths[i].first, paths[j].first); });
        if (!meant || form.tensor(i).dtype == dtype) continue;
        form = form.With(i, dtype, form.tensor(i).shape);
        ++changed;
      }
      if (changed > 1) moves_.push_back(std::move(form));
    }
  }

  void AddRanks(std::size_t index) {
    if (limits_.all_ranks || (index == 0 && limits_.first_rank)) return;
    const TensorRef& tensor = form_.tensor(index);
    for (const std::size_t rank : {1, 2, 3, 4, 5, 0}) {
      if (rank == tensor.shape.size()) continue;
      if (!tensor.shape.empty() && form_.tensors().size() > 1) {
        Shape shape = OfRank(tensor.shape, rank);
        moves_.push_back(form_.WithShape(index, shape));
        // Or the last size stays the last.
        if (rank > 1 && rank < tensor.shape.size()) {
          shape.back() = tensor.shape.back();
          moves_.push_back(form_.WithShape(index, std::move(shape)));
        }
      }
      moves_.push_back(form_.WithShape(index, UsualShape(rank)));
    }
  }

  // All items of a list together: they are often of one kind.
  void AddLists(const std::vector<std::size_t>& of) {
    const auto tensors = form_.tensors();
    for (std::size_t first = 0; first < tensors.size();) {
      std::size_t end = first + 1;
      while (end < tensors.size() && AreItemsOfOneList(tensors[first].first, tensors[end].first)) ++end;
      const bool meant = std::ranges::any_of(of, [&](std::size_t i) { return i >= first && i < end; });
      if (meant && end > first + 1) AddList(first, end);
      first = end;
    }
  }

  static bool AreItemsOfOneList(const std::string& left, const std::string& right) {
    const std::size_t open = left.rfind('[');
    return open != std::string::npos && left.ends_with(']') && right.ends_with(']') && right.rfind('[') == open &&
           left.substr(0, open) == right.substr(0, open);
  }

  void AddList(std::size_t first, std::size_t end) {
    std::vector<std::size_t> items(end - first);
    std::iota(items.begin(), items.end(), first);
    AddAsked(items);
    const TensorRef tensor = form_.tensor(first);
    const auto all = [&](DType dtype, const Shape& shape) {
      Form form = form_;
      for (std::size_t i = first; i < end; ++i) form = form.With(i, dtype, shape);
      moves_.push_back(std::move(form));
    };
    for (const DType dtype : {DType::kI64, DType::kF32}) {
      if (dtype != tensor.dtype) all(dtype, tensor.shape);
    }
    for (std::size_t rank = 1; rank <= 4 && !limits_.all_ranks; ++rank) {
      if (rank == tensor.shape.size()) continue;
      Shape shape = UsualShape(rank);
      if (!tensor.shape.empty()) shape[0] = tensor.shape[0];
      all(tensor.dtype, shape);
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

  // What is made of a video, or of a volume, is flattened to more or to fewer features than the next layer takes.
  void AddVolumes(std::size_t index) {
    const Shape shape = form_.tensor(index).shape;
    if (shape.size() != 5) return;
    const std::int64_t given = shape[2] * shape[3] * shape[4];
    for (const std::int64_t side : kSides) {
      for (const std::int64_t depth : kDepths) {
        if (depth > side) continue;
        const bool larger = depth * side * side > given;
        if (larger == (refusal_.excess < 0))
          moves_.push_back(form_.WithShape(index, {shape[0], shape[1], depth, side, side}));
      }
    }
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

  // Sequences may be too short for a window.
  void AddLonger(std::size_t index) {
    const Shape& shape = form_.tensor(index).shape;
    if (shape.empty() || shape.size() > 3) return;
    for (const std::int64_t times : {4, 16, 64, 1024}) {
      moves_.push_back(form_.WithSize(index, shape.size() - 1, shape.back() * times));
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

  // Two tensors that are joined to one of the size that is asked for.
  void AddHalves() {
    if (form_.tensors().size() != 2 || form_.tensor(0).shape.empty() || form_.tensor(1).shape.empty()) return;
    for (const std::int64_t number : numbers_) {
      if (number < 2) continue;
      const Form half = form_.WithSize(0, form_.tensor(0).shape.size() - 1, number / 2);
      moves_.push_back(half.WithSize(1, form_.tensor(1).shape.size() - 1, number - number / 2));
    }
  }

  const Form& form_;
  const Refusal& refusal_;
  MoveLimits limits_;
  std::vector<std::int64_t> numbers_;
  std::vector<std::size_t> blamed_, others_;  // indices of tensors
  std::vector<Form> moves_;
};

}  // namespace

std::vector<Form> ListMoves(const Form& form, const Refusal& refusal, const MoveLimits& limits) {
  return Moves(form, refusal, limits).All();
}

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

}  // namespace torchassay
