#include "validator/tensor/safetensors.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <tuple>

#include "validator/base/file.h"
#include "validator/base/json.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::size_t kLengthBytes = 8;  // the header's length stands first, little-endian
constexpr std::size_t kAlignment = 8;    // of the data of written files

Status Malformed(const std::string& message) { return Status(StatusCode::kUnreadable, "TA215", message); }

struct HeaderEntry {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The header's text; what follows it is data.
Result<std::string_view> HeaderText(std::span<const std::byte> bytes) {
  if (bytes.size() < kLengthBytes) {
    return Malformed("a safetensors file has at least 8 bytes, this one has " + std::to_string(bytes.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxSafetensorsHeader) {
    return Malformed("the header claims " + BytesText(length) + ", more than the " + BytesText(kMaxSafetensorsHeader) +
                     " that are read");
  }
  if (length > bytes.size() - kLengthBytes) {
    return Malformed("the header claims " + BytesText(length) + ", but the file ends after " +
                     BytesText(bytes.size() - kLengthBytes));
  }
  return std::string_view(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
}

bool IsUpperCase(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::islower(c); });
}

// The two data offsets; complains and returns {0, 0} unless 0 <= begin <= end.
std::pair<std::size_t, std::size_t> ReadOffsets(const JsonNode& node) {
  const std::vector<JsonNode> pair = node.Items();
  if (pair.size() != 2) {
    node.Complain("two offsets");
    return {};
  }
  const std::int64_t begin = pair[0].Integer();
  const std::int64_t end = pair[1].Integer();
  if (begin < 0 || end < begin) node.Complain("two offsets, the first not beyond the second");
  return {static_cast<std::size_t>(begin), static_cast<std::size_t>(end)};
}

HeaderEntry ReadEntry(const std::string& name, const JsonNode& node) {
  HeaderEntry entry;
  entry.name = name;
  const JsonNode dtype_node = node.Required("dtype");
  const std::string dtype_name = dtype_node.String();
  const std::optional<DType> dtype = IsUpperCase(dtype_name) ? ParseDType(dtype_name) : std::nullopt;
  if (!dtype) dtype_node.Reject("", "tensor " + Quote(name) + " has the unknown dtype " + Quote(dtype_name));
  entry.dtype = dtype.value_or(DType::kF32);
  for (const JsonNode& size : node.Required("shape").Items()) entry.shape.push_back(size.Integer());
  std::tie(entry.begin, entry.end) = ReadOffsets(node.Required("data_offsets"));
  return entry;
}

Result<std::vector<HeaderEntry>> ReadHeader(std::string_view text) {
  Result<JsonDocument> document =
      JsonDocument::Parse(std::string(text), "header", {.depth = 4, .bytes = kMaxSafetensorsHeader});
  if (!document.ok()) return Malformed(document.status().message());
  std::vector<HeaderEntry> entries;
  for (const auto& [name, node] : document->root().Members()) {
    if (name != "__metadata__") entries.push_back(ReadEntry(name, node));
  }
  if (const Status status = document->status(); !status.ok()) return Malformed(status.message());
  std::sort(entries.begin(), entries.end(), [](const HeaderEntry& a, const HeaderEntry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  return entries;
}

std::string RangeText(std::size_t begin, std::size_t end) {
  return "bytes " + std::to_string(begin) + " to " + std::to_string(end);
}

// Checks one entry against its own shape and against where the one before it ended.
Status CheckEntry(const HeaderEntry& entry, std::size_t previous_end, std::size_t data_size) {
  const std::string tensor = "tensor " + Quote(entry.name);
  const std::optional<std::size_t> size = ByteCount(entry.dtype, entry.shape);
  if (!size) return Malformed(tensor + " has an impossible shape, " + DescribeTensor(entry.dtype, entry.shape));
  if (entry.end > data_size) {
    return Malformed(tensor + " claims " + RangeText(entry.begin, entry.end) + ", but the file has " +
                     BytesText(data_size) + " of data");
  }
  if (entry.end - entry.begin != *size) {
    return Malformed(tensor + ", " + DescribeTensor(entry.dtype, entry.shape) + ", needs " + BytesText(*size) +
                     " but claims " + std::to_string(entry.end - entry.begin));
  }
  if (entry.begin < previous_end) {
    return Malformed(tensor + " starts at byte " + std::to_string(entry.begin) +
                     ", inside the one before it, which "
                     "ends at " +
                     std::to_string(previous_end));
  }
  if (entry.begin > previous_end) {
    return Malformed(RangeText(previous_end, entry.begin) + ", before tensor " + Quote(entry.name) +
                     ", belong to no tensor");
  }
  return Status();
}

Json HeaderJson(const NamedTensors& sorted) {
  Json header = Json::object();
  std::size_t offset = 0;
  for (const auto& [name, view] : sorted) {
    std::string dtype(DTypeName(view.dtype));
    for (char& c : dtype) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    header[name] = {{"dtype", dtype}, {"shape", view.shape}, {"data_offsets", {offset, offset + view.bytes.size()}}};
    offset += view.bytes.size();
  }
  return header;
}

// Large elements first, then by name: then every tensor starts at a multiple of its element's size.
NamedTensors InFileOrder(NamedTensors tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    const std::size_t size_a = DTypeSize(a.second.dtype);
    const std::size_t size_b = DTypeSize(b.second.dtype);
    return size_a != size_b ? size_a > size_b : a.first < b.first;
  });
  return tensors;
}

}  // namespace

Result<NamedTensors> ParseSafetensors(std::span<const std::byte> bytes) {
  Result<std::string_view> text = HeaderText(bytes);
  if (!text.ok()) return text.status();
  Result<std::vector<HeaderEntry>> entries = ReadHeader(*text);
  if (!entries.ok()) return entries.status();
  const std::span<const std::byte> data = bytes.subspan(kLengthBytes + text->size());
  NamedTensors tensors;
  std::size_t end = 0;
  for (HeaderEntry& entry : *entries) {
    if (Status status = CheckEntry(entry, end, data.size()); !status.ok()) return status;
    end = entry.end;
    const TensorView view = {entry.dtype, entry.shape, data.subspan(entry.begin, entry.end - entry.begin)};
    tensors.emplace_back(std::move(entry.name), view);
  }
  if (end == data.size()) return tensors;
  return Malformed(RangeText(end, data.size()) + ", after the last tensor, belong to none");
}

Result<std::string> SerializeSafetensors(const NamedTensors& tensors) {
  const NamedTensors sorted = InFileOrder(tensors);
  std::size_t total = 0;
  for (const auto& [name, view] : sorted) {
    if (view.dtype == DType::kC128) {
      return Status(StatusCode::kUnsupported, "TA215",
                    "safetensors files hold no c128, as tensor " + Quote(name) + " is");
    }
    total += view.bytes.size();
  }
  std::string header = DumpJson(HeaderJson(sorted));
  header.resize((header.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t length = header.size();
  std::string file(kLengthBytes, '\0');
  std::memcpy(file.data(), &length, kLengthBytes);
  file.reserve(kLengthBytes + header.size() + total);
  file += header;
  for (const auto& [name, view] : sorted) {
    file.append(reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size());
  }
  return file;
}

Status WriteSafetensors(const std::string& path, const NamedTensors& tensors) {
  Result<std::string> content = SerializeSafetensors(tensors);
  if (!content.ok()) return content.status();
  return WriteFileAtomically(path, *content);
}

}  // namespace torchassay
