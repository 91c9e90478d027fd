#include "validator/compare/json_elements.h"

#include <cmath>
#include <cstdint>

#include "validator/compare/pair.h"

namespace torchassay {
namespace {

void Append(std::vector<std::byte>& bytes, const void* from, std::size_t size) {
  const auto* start = static_cast<const std::byte*>(from);
  bytes.insert(bytes.end(), start, start + size);
}

template <typename T>
void AppendAs(std::vector<std::byte>& bytes, T value) {
  Append(bytes, &value, sizeof(value));
}

// The 16 bits that stand for `value`, found by trying them all.
std::uint16_t BitsOf(DType dtype, double value) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const double decoded = std::get<double>(LoadScalar(dtype, reinterpret_cast<const std::byte*>(&half)));
    if (decoded == value || (std::isnan(decoded) && std::isnan(value))) return half;
  }
  return 0x7fff;
}

void AppendElement(std::vector<std::byte>& bytes, DType dtype, const JsonNode& node) {
  switch (dtype) {
    case DType::kF16:
    case DType::kBF16: return AppendAs(bytes, BitsOf(dtype, node.Number()));
    case DType::kF32: return AppendAs(bytes, static_cast<float>(node.Number()));
    case DType::kF64: return AppendAs(bytes, node.Number());
    case DType::kI8: return AppendAs(bytes, static_cast<std::int8_t>(node.Integer()));
    case DType::kI16: return AppendAs(bytes, static_cast<std::int16_t>(node.Integer()));
    case DType::kI32: return AppendAs(bytes, static_cast<std::int32_t>(node.Integer()));
    case DType::kI64: return AppendAs(bytes, node.Integer());
    case DType::kU8: return AppendAs(bytes, static_cast<std::uint8_t>(node.Integer()));
    case DType::kBool: return AppendAs(bytes, static_cast<std::uint8_t>(node.Bool()));
    case DType::kC64:
      for (const JsonNode& part : node.Items()) AppendAs(bytes, static_cast<float>(part.Number()));
      return;
    case DType::kC128:
      for (const JsonNode& part : node.Items()) AppendAs(bytes, part.Number());
      return;
  }
}

}  // namespace

std::vector<std::byte> ElementsFromJson(DType dtype, const JsonNode& list) {
  std::vector<std::byte> bytes;
  for (const JsonNode& item : list.Items()) AppendElement(bytes, dtype, item);
  return bytes;
}

}  // namespace torchassay
