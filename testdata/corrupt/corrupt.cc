#include "testdata/corrupt/corrupt.h"

#include <algorithm>
#include <random>
#include <utility>

namespace torchassay {
namespace {

// Numbers at which arithmetic on sizes and offsets goes wrong.
constexpr std::uint32_t kExtremes[] = {0, 1, 0x7f, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

class Spoiler final {
 public:
  Spoiler(std::string bytes, std::uint32_t seed) : bytes_(std::move(bytes)), random_(seed) {}

  std::string Apply(Recipe recipe) {
    switch (recipe) {
      case Recipe::kTruncate: bytes_.resize(Position()); break;
      case Recipe::kFlipBit: FlipBit(); break;
      case Recipe::kFlipBytes: FlipBytes(); break;
      case Recipe::kZeroRun: ZeroRun(); break;
      case Recipe::kSwapBlocks: SwapBlocks(); break;
      case Recipe::kDeleteBlock: bytes_.erase(Position(), 1 + Below(100)); break;
      case Recipe::kInsertBlock: bytes_.insert(Position(), 1 + Below(100), static_cast<char>(Below(256))); break;
      case Recipe::kWrongLength: Overwrite(bytes_.size() - std::min<std::size_t>(bytes_.size(), 1024)); break;
      case Recipe::kWrongHeader: Overwrite(0); break;
      case Recipe::kSplice: bytes_ = bytes_.substr(0, bytes_.size() / 2) + bytes_; break;
      case Recipe::kRepeatTail: bytes_ += bytes_.substr(Position()); break;
      case Recipe::kPrefix: bytes_.insert(0, 1 + Below(100), static_cast<char>(Below(256))); break;
    }
    return std::move(bytes_);
  }

 private:
  std::size_t Below(std::size_t bound) { return random_() % bound; }
  std::size_t Position() { return Below(bytes_.size()); }

  void FlipBit() { bytes_[Position()] ^= static_cast<char>(1 << Below(8)); }

  void FlipBytes() {
    for (std::size_t i = 1 + Below(64); i > 0; --i) bytes_[Position()] = static_cast<char>(Below(256));
  }

  void ZeroRun() {
    const std::size_t at = Position();
    const std::size_t size = std::min(bytes_.size() - at, 1 + Below(512));
    std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), size, '\0');
  }

  void SwapBlocks() {
    const std::size_t size = 1 + Below(std::min<std::size_t>(256, bytes_.size() / 2));
    const std::size_t first = Below(bytes_.size() / 2 - size + 1);
    const std::size_t second = bytes_.size() / 2 + Below(bytes_.size() - bytes_.size() / 2 - size + 1);
    std::swap_ranges(bytes_.begin() + static_cast<std::ptrdiff_t>(first),
                     bytes_.begin() + static_cast<std::ptrdiff_t>(first + size),
                     bytes_.begin() + static_cast<std::ptrdiff_t>(second));
  }

  // Somewhere in the kilobyte from `start` on.
  void Overwrite(std::size_t start) {
    const std::size_t span = std::min<std::size_t>(bytes_.size() - start, 1024) - 4;
    const std::size_t at = start + Below(span);
    const std::uint32_t value = kExtremes[Below(std::size(kExtremes))];
    for (int i = 0; i < 4; ++i) bytes_[at + i] = static_cast<char>(value >> (8 * i));
  }

  std::string bytes_;
  std::mt19937 random_;
};

}  // namespace

const char* RecipeName(Recipe recipe) {
  switch (recipe) {
    case Recipe::kTruncate: return "truncate";
    case Recipe::kFlipBit: return "flip-bit";
    case Recipe::kFlipBytes: return "flip-bytes";
    case Recipe::kZeroRun: return "zero-run";
    case Recipe::kSwapBlocks: return "swap-blocks";
    case Recipe::kDeleteBlock: return "delete-block";
    case Recipe::kInsertBlock: return "insert-block";
    case Recipe::kWrongLength: return "wrong-length";
    case Recipe::kWrongHeader: return "wrong-header";
    case Recipe::kSplice: return "splice";
    case Recipe::kRepeatTail: return "repeat-tail";
    case Recipe::kPrefix: return "prefix";
  }
  return "";
}

std::string Corrupt(std::string bytes, Recipe recipe, std::uint32_t seed) {
  return Spoiler(std::move(bytes), seed).Apply(recipe);
}

}  // namespace torchassay
