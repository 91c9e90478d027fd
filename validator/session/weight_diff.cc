#include "validator/session/weight_diff.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "validator/archive/tensor_reader.h"
#include "validator/archive/weight_stats.h"

namespace torchassay {
namespace {

constexpr std::int64_t kChunkBytes = 1 << 20;

// Quantised numbers are compared as the integers that they are stored as.
std::optional<DType> StatsType(const StoredTensor& tensor) {
  if (tensor.dtype == "qint8") return DType::kI8;
  if (tensor.dtype == "quint8") return DType::kU8;
  if (tensor.dtype == "qint32") return DType::kI32;
  return tensor.element;
}

std::string Describe(const StoredTensor& tensor) {
  std::string text = tensor.Describe();
  if (!tensor.layout.empty()) text += " " + tensor.layout;
  if (!tensor.quantisation.empty()) text += " " + tensor.quantisation;
  return text;
}

// Two tensors that fill their memory in the same order may be compared in that order: much faster
// than picking each element of a channels-last weight.
StoredTensor InMemoryOrder(const StoredTensor& tensor) {
  StoredTensor flat = tensor;
  flat.shape = {tensor.stored_elements};
  flat.stride = {1};
  return flat;
}

bool FillsItsMemory(const StoredTensor& tensor) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) last += (tensor.shape[i] - 1) * tensor.stride[i];
  std::vector<std::int64_t> strides;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] > 1) strides.push_back(tensor.stride[i]);
  }
  std::sort(strides.begin(), strides.end());
  const bool distinct = std::adjacent_find(strides.begin(), strides.end()) == strides.end();
  const bool positive = strides.empty() || strides.front() > 0;
  return distinct && positive && last + 1 == tensor.stored_elements;
}

class PairReader final {
 public:
  PairReader(const TensorReader& old_reader, const TensorReader& new_reader, StoredTensor before, StoredTensor after)
      : old_reader_(old_reader), new_reader_(new_reader), before_(std::move(before)), after_(std::move(after)) {
    if (before_.stride == after_.stride && FillsItsMemory(before_)) {
      before_ = InMemoryOrder(before_);
      after_ = InMemoryOrder(after_);
    }
  }

  // Calls `use` with the elements of both sides, chunk by chunk, until it answers false.
  template <typename Use>
  Status ForEach(Use use) const {
    const std::int64_t step = std::max<std::int64_t>(1, kChunkBytes / before_.element_bytes);
    std::vector<std::byte> old_chunk;
    std::vector<std::byte> new_chunk;
    for (std::int64_t first = 0; first < before_.stored_elements; first += step) {
      const std::int64_t count = std::min(step, before_.stored_elements - first);
      old_chunk.resize(static_cast<std::size_t>(count * before_.element_bytes));
      new_chunk.resize(old_chunk.size());
      if (Status status = old_reader_.Read(before_, first, old_chunk); !status.ok()) return status;
      if (Status status = new_reader_.Read(after_, first, new_chunk); !status.ok()) return status;
      if (!use(std::span<const std::byte>(old_chunk), std::span<const std::byte>(new_chunk))) break;
    }
    return Status();
  }

  Result<bool> Equal() const {
    bool equal = true;
    Status status = ForEach([&](auto before, auto after) {
      equal = std::equal(before.begin(), before.end(), after.begin());
      return equal;
    });
    if (!status.ok()) return status;
    return equal;
  }

 private:
  const TensorReader& old_reader_;
  const TensorReader& new_reader_;
  StoredTensor before_;
  StoredTensor after_;
};

Status AddStats(const PairReader& pair, DType dtype, WeightChange& change) {
  WeightStats stats(dtype);
  Status status = pair.ForEach([&](auto before, auto after) {
    stats.Add(before, after);
    return true;
  });
  change.changed_elements = stats.changed();
  change.norm_before = stats.norm_before();
  change.norm_after = stats.norm_after();
  change.norm_difference = stats.norm_difference();
  change.largest_change = stats.largest();
  if (IsFloating(dtype) || IsComplex(dtype)) change.ulp = UlpHistogram{stats.ulp()};
  return status;
}

// Absent where the tensors are equal.
Result<std::optional<WeightChange>> ComparePair(const TensorReader& old_reader, const NamedTensor& before,
                                                const TensorReader& new_reader, const NamedTensor& after) {
  WeightChange change;
  change.path = before.path;
  change.before = Describe(before.tensor);
  change.after = Describe(after.tensor);
  if (before.tensor.shape != after.tensor.shape || before.tensor.dtype != after.tensor.dtype ||
      !old_reader.CanRead(before.tensor) || !new_reader.CanRead(after.tensor)) {
    return std::optional(change);
  }
  const PairReader pair(old_reader, new_reader, before.tensor, after.tensor);
  const Result<bool> equal = pair.Equal();
  if (!equal.ok()) return equal.status();
  if (*equal && change.before == change.after) return std::optional<WeightChange>();
  change.elements = before.tensor.elements();
  if (const std::optional<DType> dtype = StatsType(before.tensor)) {
    if (IsComplex(*dtype)) change.elements *= 2;
    if (Status status = AddStats(pair, *dtype, change); !status.ok()) return status;
  }
  return std::optional(change);
}

}  // namespace

Status CompareWeights(const std::string& old_path, const ArchiveSummary& before, const std::string& new_path,
                      const ArchiveSummary& after, ModelDiff& diff) {
  const Result<TensorReader> old_reader = TensorReader::Open(old_path);
  if (!old_reader.ok()) return old_reader.status();
  const Result<TensorReader> new_reader = TensorReader::Open(new_path);
  if (!new_reader.ok()) return new_reader.status();

  std::map<std::string, const NamedTensor*> in_after;
  for (const NamedTensor& tensor : after.tensors) in_after.emplace(tensor.path, &tensor);
  for (const NamedTensor& tensor : before.tensors) {
    const auto found = in_after.find(tensor.path);
    if (found == in_after.end()) {
      diff.weights.push_back({Change::kRemoved, tensor.path, Describe(tensor.tensor), "", 0, 0, {}, {}, {}, {}, {}});
      continue;
    }
    Result<std::optional<WeightChange>> change = ComparePair(*old_reader, tensor, *new_reader, *found->second);
    if (!change.ok()) return change.status();
    if (*change) {
      diff.weights.push_back(std::move(**change));
    } else {
      ++diff.equal_weights;
    }
    in_after.erase(found);
  }
  for (const NamedTensor& tensor : after.tensors) {
    if (in_after.count(tensor.path) == 0) continue;
    diff.weights.push_back({Change::kAdded, tensor.path, "", Describe(tensor.tensor), 0, 0, {}, {}, {}, {}, {}});
  }
  return Status();
}

}  // namespace torchassay
