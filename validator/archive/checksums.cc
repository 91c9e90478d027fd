#include "validator/archive/checksums.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "validator/archive/crc32.h"
#include "validator/archive/zip_reader.h"

namespace torchassay {
namespace {

// Large records are cut, so that threads can share one; a compressed record cannot be.
constexpr std::uint64_t kPieceSize = 8 << 20;

struct Piece {
  std::size_t entry = 0;
  ZipEntry part;  // the entry, or a cut of it
  std::uint32_t crc = 0;
  bool damaged = false;  // it could not be expanded
};

void Cut(const ZipEntry& entry, std::size_t index, std::vector<Piece>& pieces) {
  const std::uint64_t step = entry.compressed ? entry.size : kPieceSize;
  for (std::uint64_t start = 0; start < entry.size; start += step) {
    Piece piece;
    piece.entry = index;
    piece.part = entry;
    if (!entry.compressed) {
      piece.part.data_offset += start;
      piece.part.size = piece.part.stored_size = std::min(step, entry.size - start);
    }
    pieces.push_back(std::move(piece));
  }
}

// Computes the pieces' checksums with several threads; keeps the first error.
class Workers final {
 public:
  Workers(const ByteSource& source, std::vector<Piece>& pieces) : source_(source), pieces_(pieces) {}

  Status Run(int threads) {
    std::vector<std::thread> others;
    const int useful = static_cast<int>(std::min<std::size_t>(std::max(threads, 1), pieces_.size()));
    for (int i = 1; i < useful; ++i) others.emplace_back([this] { Work(); });
    Work();
    for (std::thread& other : others) other.join();
    return status_;
  }

 private:
  void Work() {
    for (std::size_t i = next_++; i < pieces_.size(); i = next_++) {
      Piece& piece = pieces_[i];
      Status status = StreamRecord(source_, piece.part,
                                   [&](std::span<const std::byte> chunk) { piece.crc = Crc32(chunk, piece.crc); });
      if (status.ok()) continue;
      piece.damaged = true;
      if (!piece.part.compressed) Fail(status);
    }
  }

  void Fail(const Status& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (status_.ok()) status_ = status;
    next_ = pieces_.size();
  }

  const ByteSource& source_;
  std::vector<Piece>& pieces_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  Status status_;
};

}  // namespace

Result<ChecksumResult> VerifyChecksums(const ByteSource& source, const std::vector<ZipEntry>& entries, int threads) {
  ChecksumResult result;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].size == 0) continue;
    if (entries[i].crc == 0) {
      ++result.unchecked;
    } else {
      ++result.checked;
      Cut(entries[i], i, pieces);
    }
  }
  if (Status status = Workers(source, pieces).Run(threads); !status.ok()) return status;

  for (std::size_t i = 0; i < pieces.size();) {
    const std::size_t entry = pieces[i].entry;
    std::uint32_t crc = 0;
    bool damaged = false;
    for (; i < pieces.size() && pieces[i].entry == entry; ++i) {
      crc = CombineCrc32(crc, pieces[i].crc, pieces[i].part.size);
      damaged |= pieces[i].damaged;
    }
    if (damaged || crc != entries[entry].crc) result.mismatched.push_back(entry);
  }
  return result;
}

}  // namespace torchassay
