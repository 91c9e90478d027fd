#include "validator/signature/elements.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

double AsDouble(const Constant& value) {
  if (const bool* v = std::get_if<bool>(&value)) return *v ? 1 : 0;
  if (const std::int64_t* v = std::get_if<std::int64_t>(&value)) return static_cast<double>(*v);
  if (const double* v = std::get_if<double>(&value)) return *v;
  return std::nan("");
}

std::int64_t AsInteger(const Constant& value) {
  if (const std::int64_t* v = std::get_if<std::int64_t>(&value)) return *v;
  return static_cast<std::int64_t>(AsDouble(value));
}

struct BFloat16 {
  std::uint16_t bits;
  operator double() const { return std::bit_cast<float>(std::uint32_t{bits} << 16); }  // NOLINT
};

struct Float16 {
  std::uint16_t bits;
  operator double() const {  // NOLINT
    const int exponent = bits >> 10 & 31;
    const double fraction = bits & 1023;
    const double sign = bits >> 15 ? -1 : 1;
    if (exponent == 31) return fraction != 0 ? std::nan("") : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(fraction + 1024, exponent - 25);
  }
};

// `Stored` is the element in memory, `Seen` what the domain is asked about.
template <typename Stored, typename Seen>
std::optional<IllegalElement> Scan(const TensorView& tensor, const ValueDomain& domain, int parts = 1) {
  const std::size_t count = tensor.bytes.size() / sizeof(Stored);
  for (std::size_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, tensor.bytes.data() + i * sizeof(Stored), sizeof(Stored));
    const Seen value = static_cast<Seen>(stored);
    if (Admits(domain, value)) continue;
    return IllegalElement{static_cast<std::int64_t>(i) / parts, NumberText(static_cast<double>(value), 17)};
  }
  return std::nullopt;
}

}  // namespace

bool Admits(const ValueDomain& domain, double value) {
  if (domain.choices) {
    return std::any_of(domain.choices->begin(), domain.choices->end(), [&](const Constant& choice) {
      const double legal = AsDouble(choice);
      return legal == value || (std::isnan(legal) && std::isnan(value));
    });
  }
  if (std::isnan(value)) return domain.nan;
  if (std::isinf(value)) return domain.inf;
  return (!domain.lo || value >= AsDouble(*domain.lo)) && (!domain.hi || value <= AsDouble(*domain.hi));
}

bool Admits(const ValueDomain& domain, std::int64_t value) {
  if (domain.choices) {
    return std::any_of(domain.choices->begin(), domain.choices->end(),
                       [&](const Constant& choice) { return AsInteger(choice) == value; });
  }
  return (!domain.lo || value >= AsInteger(*domain.lo)) && (!domain.hi || value <= AsInteger(*domain.hi));
}

std::optional<IllegalElement> FindIllegal(const TensorView& tensor, const ValueDomain& domain) {
  switch (tensor.dtype) {
    case DType::kF16: return Scan<Float16, double>(tensor, domain);
    case DType::kBF16: return Scan<BFloat16, double>(tensor, domain);
    case DType::kF32: return Scan<float, double>(tensor, domain);
    case DType::kF64: return Scan<double, double>(tensor, domain);
    case DType::kI8: return Scan<std::int8_t, std::int64_t>(tensor, domain);
    case DType::kI16: return Scan<std::int16_t, std::int64_t>(tensor, domain);
    case DType::kI32: return Scan<std::int32_t, std::int64_t>(tensor, domain);
    case DType::kI64: return Scan<std::int64_t, std::int64_t>(tensor, domain);
    case DType::kU8: return Scan<std::uint8_t, std::int64_t>(tensor, domain);
    case DType::kBool: return Scan<std::uint8_t, std::int64_t>(tensor, domain);
    case DType::kC64: return Scan<float, double>(tensor, domain, 2);
    case DType::kC128: return Scan<double, double>(tensor, domain, 2);
  }
  return std::nullopt;
}

}  // namespace torchassay
