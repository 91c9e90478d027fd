#include "validator/archive/weight_stats.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace torchassay {
namespace {

// Each element type: how it is stored, its value, and, of floating ones, its place on the line of all numbers.
template <typename Stored>
struct Plain {
  using Bits = Stored;
  static double Value(Bits bits) { return static_cast<double>(bits); }
  static constexpr bool kFloating = false;
};

struct Float32 {
  using Bits = std::uint32_t;
  static double Value(Bits bits) { return std::bit_cast<float>(bits); }
  static constexpr bool kFloating = true;
};

struct Float64 {
  using Bits = std::uint64_t;
  static double Value(Bits bits) { return std::bit_cast<double>(bits); }
  static constexpr bool kFloating = true;
};

struct BFloat16 {
  using Bits = std::uint16_t;
  static double Value(Bits bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
  static constexpr bool kFloating = true;
};

struct Float16 {
  using Bits = std::uint16_t;
  static double Value(Bits bits) {
    const int exponent = bits >> 10 & 0x1f;
    const double fraction = bits & 0x3ff;
    const double sign = bits & 0x8000 ? -1 : 1;
    if (exponent == 0x1f) return fraction != 0 ? NAN : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(fraction + 1024, exponent - 25);
  }
  static constexpr bool kFloating = true;
};

// Which class of kUlpClasses the step between two different bit patterns belongs to.
template <typename Bits>
std::size_t UlpClass(Bits before, Bits after, bool finite) {
  constexpr Bits kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
  const bool zero_to_zero = static_cast<Bits>(before | after) == kSign;
  if (!finite || ((before ^ after) & kSign) != 0 || zero_to_zero) return 5;
  const std::uint64_t step = before > after ? before - after : after - before;
  if (step == 1) return 0;
  if (step < 16) return 1;
  if (step < 256) return 2;
  return step < 65536 ? 3 : 4;
}

}  // namespace

void WeightStats::AddValues(double before, double after) {
  if (std::isfinite(before)) squares_before_ += before * before;
  if (std::isfinite(after)) squares_after_ += after * after;
  const double difference = std::abs(after - before);
  if (!std::isfinite(difference)) return;
  squares_difference_ += difference * difference;
  if (difference > largest_) largest_ = difference;
}

template <typename Element>
void WeightStats::AddAs(std::span<const std::byte> before, std::span<const std::byte> after) {
  using Bits = typename Element::Bits;
  for (std::size_t at = 0; at + sizeof(Bits) <= before.size(); at += sizeof(Bits)) {
    Bits a;
    Bits b;
    std::memcpy(&a, before.data() + at, sizeof(Bits));
    std::memcpy(&b, after.data() + at, sizeof(Bits));
    const double x = Element::Value(a);
    const double y = Element::Value(b);
    AddValues(x, y);
    if (a == b) continue;
    ++changed_;
    if constexpr (Element::kFloating) ++ulp_[UlpClass(a, b, std::isfinite(x) && std::isfinite(y))];
  }
}

void WeightStats::Add(std::span<const std::byte> before, std::span<const std::byte> after) {
  switch (dtype_) {
    case DType::kF16: return AddAs<Float16>(before, after);
    case DType::kBF16: return AddAs<BFloat16>(before, after);
    case DType::kF32:
    case DType::kC64: return AddAs<Float32>(before, after);
    case DType::kF64:
    case DType::kC128: return AddAs<Float64>(before, after);
    case DType::kI8: return AddAs<Plain<std::int8_t>>(before, after);
    case DType::kI16: return AddAs<Plain<std::int16_t>>(before, after);
    case DType::kI32: return AddAs<Plain<std::int32_t>>(before, after);
    case DType::kI64: return AddAs<Plain<std::int64_t>>(before, after);
    case DType::kU8:
    case DType::kBool: return AddAs<Plain<std::uint8_t>>(before, after);
  }
}

double WeightStats::norm_before() const { return std::sqrt(squares_before_); }
double WeightStats::norm_after() const { return std::sqrt(squares_after_); }
double WeightStats::norm_difference() const { return std::sqrt(squares_difference_); }

}  // namespace torchassay
