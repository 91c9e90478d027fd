#include "validator/tensor/npy.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kLongestHeader = 1 << 20;

Status Malformed(const std::string& message) { return Status(StatusCode::kUnreadable, "TA215", message); }

struct Header {
  std::string descr;
  bool fortran_order = false;
  Shape shape;
};

// Reads the header's dict: string keys; strings, booleans and tuples of integers as values.
class HeaderReader final {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  Result<Header> Read() {
    if (!Take('{')) return Damaged();
    while (!Take('}')) {
      if (Status status = ReadMember(); !status.ok()) return status;
      if (!Take(',') && Peek() != '}') return Damaged();
    }
    if (Peek(); at_ != text_.size()) return Damaged();
    if (seen_.size() < 3) {
      return Malformed("the header lacks one of `descr`, `fortran_order` and `shape`");
    }
    return header_;
  }

 private:
  Status ReadMember() {
    const std::optional<std::string> key = TakeString();
    if (!key || !Take(':')) return Damaged();
    if (!seen_.insert(*key).second) return Malformed("the header has the key " + Quote(*key) + " twice");
    if (*key == "descr") return ReadDescr();
    if (*key == "fortran_order") return ReadOrder();
    if (*key == "shape") return ReadShape();
    return Malformed("the header has the unknown key " + Quote(*key));
  }

  Status ReadDescr() {
    if (Peek() == '[') return Malformed("structured arrays hold several fields, a tensor has one");
    const std::optional<std::string> descr = TakeString();
    if (!descr) return Damaged();
    header_.descr = *descr;
    return Status();
  }

  Status ReadOrder() {
    header_.fortran_order = TakeWord("True");
    return header_.fortran_order || TakeWord("False") ? Status() : Damaged();
  }

  Status ReadShape() {
    if (!Take('(')) return Damaged();
    bool comma = true;  // behind the last size
    while (!Take(')')) {
      const std::optional<std::int64_t> size = comma ? TakeSize() : std::nullopt;
      if (!size) return Damaged();
      header_.shape.push_back(*size);
      comma = Take(',');
    }
    // To Python "(6)" is a number in brackets, "(6,)" a tuple.
    return comma || header_.shape.size() > 1 ? Status() : Damaged();
  }

  Status Damaged() const { return Malformed("the header is damaged near " + Quote(text_.substr(at_, 20))); }

  char Peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool Take(char wanted) {
    if (Peek() != wanted) return false;
    ++at_;
    return true;
  }

  bool TakeWord(std::string_view word) {
    Peek();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  std::optional<std::string> TakeString() {
    const char quote = Peek();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string content(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return content;
  }

  // Digits, with the L that Python 2 wrote behind them.
  std::optional<std::int64_t> TakeSize() {
    if (!std::isdigit(static_cast<unsigned char>(Peek()))) return std::nullopt;
    const bool leads_with_zero =
        Peek() == '0' && at_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 1]));
    if (leads_with_zero) return std::nullopt;  // Python reads none
    std::int64_t size = 0;
    for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_) {
      if (__builtin_mul_overflow(size, 10, &size)) return std::nullopt;
      if (__builtin_add_overflow(size, text_[at_] - '0', &size)) return std::nullopt;
    }
    TakeWord("L");
    return size;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Header header_;
  std::set<std::string> seen_;
};

// What a `descr` such as "<f4" means; each kind that no tensor can have is refused by its name.
Result<DType> DTypeOf(const std::string& descr) {
  static const std::map<std::string_view, DType> kKnown = {
      {"f2", DType::kF16},  {"f4", DType::kF32}, {"f8", DType::kF64},  {"i1", DType::kI8},
      {"i2", DType::kI16},  {"i4", DType::kI32}, {"i8", DType::kI64},  {"u1", DType::kU8},
      {"b1", DType::kBool}, {"c8", DType::kC64}, {"c16", DType::kC128}};
  if (descr.size() < 2) return Malformed("the header names the unknown element type " + Quote(descr));
  const std::string_view kind = std::string_view(descr).substr(1);
  const auto found = kKnown.find(kind);
  if (descr[0] == '>' && found != kKnown.end() && DTypeSize(found->second) > 1) {
    return Malformed("the numbers are big-endian (" + Quote(descr) + "), little-endian ones were expected");
  }
  const bool is_order = descr[0] == '<' || descr[0] == '>' || descr[0] == '=' || descr[0] == '|';
  if (found != kKnown.end() && is_order) return found->second;
  if (kind[0] == 'O') return Malformed("object arrays hold pickled Python objects, which are not read");
  if (kind[0] == 'U' || kind[0] == 'S') return Malformed("the array holds text (" + Quote(descr) + "), not numbers");
  return Malformed("no tensor has elements of type " + Quote(descr));
}

struct Split {
  std::string_view header;
  std::span<const std::byte> data;
};

// Magic, two bytes of version, the header's length in 2 or 4 bytes, the header, the data.
Result<Split> SplitFile(std::span<const std::byte> bytes) {
  if (!LooksLikeNpy(bytes)) return Malformed("this is no .npy file");
  if (bytes.size() < kMagic.size() + 4) return Malformed("the file ends inside its header");
  const int major = std::to_integer<int>(bytes[kMagic.size()]);
  if (major < 1 || major > 3) return Malformed("version " + std::to_string(major) + " of the format is not known");
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::size_t start = kMagic.size() + 2 + length_bytes;
  if (bytes.size() < start) return Malformed("the file ends inside its header");
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + kMagic.size() + 2, length_bytes);
  if (length > kLongestHeader && length <= bytes.size() - start) {
    return Malformed("a header of " + BytesText(length) + " is longer than any array needs");
  }
  if (length > bytes.size() - start) {
    return Malformed("the header claims " + BytesText(length) + ", but the file ends after " +
                     BytesText(bytes.size() - start));
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + start;
  return Split{std::string_view(text, length), bytes.subspan(start + length)};
}

// Copies data whose first index runs fastest into row-major order.
std::vector<std::byte> RowMajor(std::span<const std::byte> data, const Shape& shape, std::size_t element) {
  std::vector<std::byte> ordered(data.size());
  std::vector<std::size_t> strides(shape.size());
  std::size_t stride = element;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    strides[d] = stride;
    stride *= static_cast<std::size_t>(shape[d]);
  }
  Shape index(shape.size(), 0);
  std::size_t source = 0;
  for (std::size_t target = 0; target < data.size(); target += element) {
    std::memcpy(ordered.data() + target, data.data() + source, element);
    for (std::size_t d = shape.size(); d-- > 0;) {
      source += strides[d];
      if (++index[d] < shape[d]) break;
      source -= strides[d] * static_cast<std::size_t>(shape[d]);
      index[d] = 0;
    }
  }
  return ordered;
}

}  // namespace

bool LooksLikeNpy(std::span<const std::byte> bytes) {
  return bytes.size() >= kMagic.size() && std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

Result<NpyArray> ParseNpy(std::span<const std::byte> bytes) {
  Result<Split> split = SplitFile(bytes);
  if (!split.ok()) return split.status();
  Result<Header> header = HeaderReader(split->header).Read();
  if (!header.ok()) return header.status();
  const Result<DType> dtype = DTypeOf(header->descr);
  if (!dtype.ok()) return dtype.status();
  const std::string what = DescribeTensor(*dtype, header->shape);
  const std::optional<std::size_t> size = ByteCount(*dtype, header->shape);
  if (!size) return Malformed("the header claims an impossible shape, " + what);
  if (*size != split->data.size()) {
    return Malformed(what + " needs " + BytesText(*size) + " of data, the file has " + BytesText(split->data.size()));
  }
  NpyArray array;
  array.view = {*dtype, header->shape, split->data};
  if (header->fortran_order && header->shape.size() > 1 && *size > 0) {
    array.reordered = RowMajor(split->data, header->shape, DTypeSize(*dtype));
    array.view.bytes = array.reordered;
  }
  return array;
}

}  // namespace torchassay
