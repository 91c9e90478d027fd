// Pair: one element of each side, judged exactly. Where the fast path is in doubt, this decides.

#ifndef VALIDATOR_COMPARE_PAIR_H_
#define VALIDATOR_COMPARE_PAIR_H_

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "validator/compare/comparison.h"
#include "validator/compare/tolerance.h"
#include "validator/tensor/dtype.h"

namespace torchassay {

enum class PairKind { kFinite, kNanBoth, kNanActual, kNanExpected, kInfBoth, kInfOpposite, kInfActual, kInfExpected };

struct Pair {
  PairKind kind = PairKind::kFinite;
  bool mismatched = false;
  // Of finite pairs:
  double error = 0;         // |actual - expected|
  double actual = 0;        // |actual|
  double expected = 0;      // |expected|
  double proportional = 0;  // rtol * |expected|
  std::uint64_t ulp = 0;    // floating types
};

namespace pair_internal {

template <typename T>
T LoadBytes(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

inline float FloatOfHalf(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1f;
  const std::uint32_t mantissa = bits & 0x3ff;
  if (exponent == 0) {  // zero or subnormal: a multiple of 2^-24
    const float magnitude = std::ldexp(static_cast<float>(mantissa), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1f ? 0xff : exponent + 112;
  const std::uint32_t whole = sign | wide << 23 | mantissa << 13;
  float value;
  std::memcpy(&value, &whole, sizeof(value));
  return value;
}

inline float FloatOfBrain(std::uint16_t bits) {
  const std::uint32_t whole = static_cast<std::uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &whole, sizeof(value));
  return value;
}

// The integer that counts representable numbers from 0 on, negative ones below; both zeros are 0.
template <typename Signed>
std::int64_t NumberOnLine(Signed bits) {
  const auto wide = static_cast<std::int64_t>(bits);
  return wide >= 0 ? wide : static_cast<std::int64_t>(std::numeric_limits<Signed>::min()) - wide;
}

template <typename Signed>
std::uint64_t UlpDistance(const std::byte* actual, const std::byte* expected) {
  const std::int64_t a = NumberOnLine(LoadBytes<Signed>(actual));
  const std::int64_t e = NumberOnLine(LoadBytes<Signed>(expected));
  return a > e ? static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(e)
               : static_cast<std::uint64_t>(e) - static_cast<std::uint64_t>(a);
}

template <DType kType>
double LoadFloating(const std::byte* from) {
  if constexpr (kType == DType::kF16) return FloatOfHalf(LoadBytes<std::uint16_t>(from));
  if constexpr (kType == DType::kBF16) return FloatOfBrain(LoadBytes<std::uint16_t>(from));
  if constexpr (kType == DType::kF32) return LoadBytes<float>(from);
  if constexpr (kType == DType::kF64) return LoadBytes<double>(from);
}

template <DType kType>
std::int64_t LoadIntegral(const std::byte* from) {
  if constexpr (kType == DType::kI8) return LoadBytes<std::int8_t>(from);
  if constexpr (kType == DType::kI16) return LoadBytes<std::int16_t>(from);
  if constexpr (kType == DType::kI32) return LoadBytes<std::int32_t>(from);
  if constexpr (kType == DType::kI64) return LoadBytes<std::int64_t>(from);
  if constexpr (kType == DType::kU8) return LoadBytes<std::uint8_t>(from);
  if constexpr (kType == DType::kBool) return LoadBytes<std::uint8_t>(from) != 0;
}

template <DType kType>
std::complex<double> LoadComplex(const std::byte* from) {
  if constexpr (kType == DType::kC64) return LoadBytes<std::complex<float>>(from);
  return LoadBytes<std::complex<double>>(from);
}

inline bool IsNan(double value) { return std::isnan(value); }
inline bool IsNan(const std::complex<double>& value) { return std::isnan(value.real()) || std::isnan(value.imag()); }
inline bool IsInf(double value) { return std::isinf(value); }
inline bool IsInf(const std::complex<double>& value) { return std::isinf(value.real()) || std::isinf(value.imag()); }

// A complex number with a NaN part is a NaN, even beside an infinite part.
template <typename Number>
PairKind KindOf(const Number& actual, const Number& expected) {
  if (IsNan(actual) || IsNan(expected)) {
    if (IsNan(actual) && IsNan(expected)) return PairKind::kNanBoth;
    return IsNan(actual) ? PairKind::kNanActual : PairKind::kNanExpected;
  }
  if (IsInf(actual) && IsInf(expected)) return actual == expected ? PairKind::kInfBoth : PairKind::kInfOpposite;
  if (IsInf(actual)) return PairKind::kInfActual;
  return IsInf(expected) ? PairKind::kInfExpected : PairKind::kFinite;
}

inline bool IsMismatch(PairKind kind, NanPolicy policy) {
  if (kind == PairKind::kNanBoth) return policy == NanPolicy::kNeverEqual;
  return kind != PairKind::kInfBoth;
}

// A difference too large for a double is beyond every tolerance.
inline void JudgeFinite(Pair& pair, const Tolerance& tolerance) {
  pair.proportional = tolerance.rtol * pair.expected;
  pair.mismatched = !(pair.error <= pair.proportional + tolerance.atol) || std::isinf(pair.error);
}

template <DType kType>
void JudgeFloating(Pair& pair, const std::byte* a, const std::byte* e) {
  const double actual = LoadFloating<kType>(a);
  const double expected = LoadFloating<kType>(e);
  pair.kind = KindOf(actual, expected);
  pair.error = std::abs(actual - expected);
  pair.actual = std::abs(actual);
  pair.expected = std::abs(expected);
  if constexpr (kType == DType::kF64) {
    pair.ulp = UlpDistance<std::int64_t>(a, e);
  } else if constexpr (kType == DType::kF32) {
    pair.ulp = UlpDistance<std::int32_t>(a, e);
  } else {
    pair.ulp = UlpDistance<std::int16_t>(a, e);
  }
}

// The parts of a c64 cannot overflow a double when squared, those of a c128 can.
template <DType kType>
double Length(double real, double imaginary) {
  if constexpr (kType == DType::kC128) return std::hypot(real, imaginary);
  return std::sqrt(real * real + imaginary * imaginary);
}

template <DType kType>
void JudgeComplex(Pair& pair, const std::byte* a, const std::byte* e) {
  const std::complex<double> actual = LoadComplex<kType>(a);
  const std::complex<double> expected = LoadComplex<kType>(e);
  pair.kind = KindOf(actual, expected);
  pair.error = Length<kType>(actual.real() - expected.real(), actual.imag() - expected.imag());
  pair.actual = Length<kType>(actual.real(), actual.imag());
  pair.expected = Length<kType>(expected.real(), expected.imag());
}

inline double Magnitude(std::int64_t value) {
  return value < 0 ? -static_cast<double>(value) : static_cast<double>(value);
}

// The difference is taken in integers: doubles would let neighbours beyond 2^53 be equal.
template <DType kType>
void JudgeIntegral(Pair& pair, const std::byte* a, const std::byte* e, const Tolerance& tolerance) {
  const std::int64_t actual = LoadIntegral<kType>(a);
  const std::int64_t expected = LoadIntegral<kType>(e);
  const std::uint64_t difference = actual > expected
                                       ? static_cast<std::uint64_t>(actual) - static_cast<std::uint64_t>(expected)
                                       : static_cast<std::uint64_t>(expected) - static_cast<std::uint64_t>(actual);
  pair.error = static_cast<double>(difference);
  pair.actual = Magnitude(actual);
  pair.expected = Magnitude(expected);
  pair.proportional = tolerance.rtol * pair.expected;
  // Rounding the difference to a double cannot hide it: a nonzero one stays nonzero, and an allowance above
  // 2^53 is itself no finer than that.
  pair.mismatched = pair.error > pair.proportional + tolerance.atol;
}

}  // namespace pair_internal

// What two elements of dtype `kType` are to each other.
template <DType kType>
Pair JudgePair(const std::byte* actual, const std::byte* expected, const Tolerance& tolerance, NanPolicy policy) {
  Pair pair;
  if constexpr (kType == DType::kC64 || kType == DType::kC128) {
    pair_internal::JudgeComplex<kType>(pair, actual, expected);
  } else if constexpr (kType <= DType::kF64) {
    pair_internal::JudgeFloating<kType>(pair, actual, expected);
  } else {
    pair_internal::JudgeIntegral<kType>(pair, actual, expected, tolerance);
    return pair;
  }
  if (pair.kind == PairKind::kFinite) {
    pair_internal::JudgeFinite(pair, tolerance);
  } else {
    pair.mismatched = pair_internal::IsMismatch(pair.kind, policy);
  }
  return pair;
}

// The element's value, for reports.
Scalar LoadScalar(DType dtype, const std::byte* from);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_PAIR_H_
