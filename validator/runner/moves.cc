#include "validator/runner/moves.h"

#include <algorithm>
#include <utility>

namespace torchassay {
namespace {

// Numbers of the refusing operator that are tried as sizes.
constexpr std::size_t kMostNumbers = 12;
constexpr std::int64_t kLargestTried = 1 << 20;
// Sizes of images and windows that models ask for.
constexpr std::int64_t kUsualSizes[] = {32, 28, 64, 96, 128, 224, 256, 299, 384, 512, 16, 8, 1};
constexpr DType kTypes[] = {DType::kI64,  DType::kF32, DType::kBool, DType::kF64, DType::kF16,
                            DType::kBF16, DType::kI32, DType::kU8,   DType::kC64, DType::kC128};

std::vector<std::int64_t> Numbers(const Refusal& refusal, bool patient) {
  std::vector<std::int64_t> numbers;
  for (const std::int64_t number : refusal.numbers) {
    const bool known = std::find(numbers.begin(), numbers.end(), number) != numbers.end();
    if (number >= 1 && number <= kLargestTried && !known) numbers.push_back(number);
  }
  // A size of 1 broadcasts, and seldom is what was meant.
  if (patient) std::stable_partition(numbers.begin(), numbers.end(), [](std::int64_t number) { return number != 1; });
  if (numbers.size() > kMostNumbers) numbers.resize(kMostNumbers);
  return numbers;
}

class Moves {
 public:
  Moves(const Form& form, const Refusal& refusal, const MoveLimits& limits)
      : form_(form), refusal_(refusal), limits_(limits), numbers_(Numbers(refusal, limits.patient)) {}

  std::vector<Form> All() {
    const std::size_t count = form_.tensors().size();
    const bool about_type = refusal_.code == "TA303";
    for (std::size_t i = 0; about_type && i < count; ++i) AddTypes(i);
    if (limits_.patient) AddLists();
    const bool sizes_first = limits_.patient && count > 2;
    for (std::size_t i = 0; sizes_first && i < count; ++i) AddSizes(i);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) AddRanks(i);
      if (!sizes_first) AddSizes(i);
      AddRuns(i);
      AddEqualSizes(i);
      if (!about_type) AddTypes(i);
    }
    if (!limits_.all_ranks) AddAlike();
    AddHalves();
    for (std::size_t i = 0; i < count; ++i) {
      AddLonger(i);
      if (i == 0) AddRanks(i);
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
    for (const DType dtype : kTypes) {
      const bool barred = limits_.floats && (IsInteger(dtype) || dtype == DType::kBool);
      if (dtype != tensor.dtype && !barred) moves_.push_back(form_.With(index, dtype, tensor.shape));
    }
  }

  void AddRanks(std::size_t index) {
    if (limits_.all_ranks || (index == 0 && limits_.first_rank)) return;
    const TensorRef& tensor = form_.tensor(index);
    for (const std::size_t rank : {1, 2, 3, 4, 5, 0}) {
      if (rank == tensor.shape.size()) continue;
      if (rank == 1 && !tensor.shape.empty()) moves_.push_back(form_.WithShape(index, {tensor.shape[0]}));
      moves_.push_back(form_.WithShape(index, UsualShape(rank)));
    }
  }

  // All items of a list together: they are often of one kind.
  void AddLists() {
    const auto tensors = form_.tensors();
    for (std::size_t first = 0; first < tensors.size();) {
      std::size_t end = first + 1;
      while (end < tensors.size() && AreItemsOfOneList(tensors[first].first, tensors[end].first)) ++end;
      if (end > first + 1) AddList(first, end);
      first = end;
    }
  }

  static bool AreItemsOfOneList(const std::string& left, const std::string& right) {
    const std::size_t open = left.rfind('[');
    return open != std::string::npos && left.ends_with(']') && right.ends_with(']') && right.rfind('[') == open &&
           left.substr(0, open) == right.substr(0, open);
  }

  void AddList(std::size_t first, std::size_t end) {
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
