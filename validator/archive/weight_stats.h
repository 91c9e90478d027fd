// WeightStats: compares two runs of elements of one dtype in a pass: counts, norms, largest change, ULP.

#ifndef VALIDATOR_ARCHIVE_WEIGHT_STATS_H_
#define VALIDATOR_ARCHIVE_WEIGHT_STATS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "validator/tensor/dtype.h"

namespace torchassay {

// Sums over what was added so far. Elements that are not finite count in `changed` and in the last ULP
// class only. A complex number counts as two elements, its parts.
class WeightStats final {
 public:
  // 1 · 2..15 · 16..255 · 256..65535 · 65536 and more · another sign, or not a number.
  static constexpr std::size_t kUlpClasses = 6;

  explicit WeightStats(DType dtype) : dtype_(dtype) {}

  // The next elements of both sides, equally many bytes.
  void Add(std::span<const std::byte> before, std::span<const std::byte> after);

  std::int64_t changed() const { return changed_; }
  double norm_before() const;
  double norm_after() const;
  double norm_difference() const;
  double largest() const { return largest_; }
  const std::array<std::int64_t, kUlpClasses>& ulp() const { return ulp_; }

 private:
  template <typename Element>
  void AddAs(std::span<const std::byte> before, std::span<const std::byte> after);
  void AddValues(double before, double after);

  DType dtype_;
  std::int64_t changed_ = 0;
  double squares_before_ = 0;
  double squares_after_ = 0;
  double squares_difference_ = 0;
  double largest_ = 0;
  std::array<std::int64_t, kUlpClasses> ulp_{};
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_WEIGHT_STATS_H_
