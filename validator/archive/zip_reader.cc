#include "validator/archive/zip_reader.h"

#include <isa-l.h>

#include <algorithm>
#include <vector>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::size_t kChunk = 64 << 10;  // stays in the nearest caches between the copy and what reads it

using Consumer = std::function<void(std::span<const std::byte>)>;

Status StreamStored(const ByteSource& source, const ZipEntry& entry, const Consumer& consume) {
  std::vector<std::byte> buffer(std::min<std::uint64_t>(kChunk, entry.size));
  for (std::uint64_t done = 0; done < entry.size;) {
    const std::size_t size = std::min<std::uint64_t>(buffer.size(), entry.size - done);
    const std::span<std::byte> chunk = std::span(buffer).first(size);
    if (Status status = source.ReadAt(entry.data_offset + done, chunk); !status.ok()) return status;
    consume(chunk);
    done += size;
  }
  return Status();
}

Status DamagedData(const ZipEntry& entry) {
  return Status(StatusCode::kUnreadable, "TA202", "the compressed record " + Quote(entry.name) + " is damaged",
                "copy or download the file again, or save the model again");
}

// Expands one record chunk by chunk; memory is bounded whatever the data say.
class Inflater final {
 public:
  Inflater(const ByteSource& source, const ZipEntry& entry)
      : source_(source), entry_(entry), input_(std::min<std::uint64_t>(kChunk, entry.stored_size)),
        output_(std::min<std::uint64_t>(kChunk, std::max<std::uint64_t>(entry.size, 1))) {
    isal_inflate_init(&state_);
  }

  Status Run(const Consumer& consume) {
    std::uint64_t expanded = 0;
    while (state_.block_state != ISAL_BLOCK_FINISH) {
      if (Status status = Refill(); !status.ok()) return status;
      state_.next_out = reinterpret_cast<std::uint8_t*>(output_.data());
      state_.avail_out = static_cast<std::uint32_t>(output_.size());
      if (isal_inflate(&state_) != ISAL_DECOMP_OK) return DamagedData(entry_);
      const std::size_t size = output_.size() - state_.avail_out;
      const bool starved = size == 0 && state_.avail_in == 0 && consumed_ == entry_.stored_size;
      expanded += size;
      if (expanded > entry_.size || (starved && state_.block_state != ISAL_BLOCK_FINISH)) {
        return DamagedData(entry_);
      }
      consume(std::span(output_).first(size));
    }
    return expanded == entry_.size ? Status() : DamagedData(entry_);
  }

 private:
  Status Refill() {
    if (state_.avail_in != 0) return Status();
    const std::size_t size = std::min<std::uint64_t>(kChunk, entry_.stored_size - consumed_);
    const std::span<std::byte> chunk = std::span(input_).first(size);
    if (Status status = source_.ReadAt(entry_.data_offset + consumed_, chunk); !status.ok()) {
      return status;
    }
    consumed_ += size;
    state_.next_in = reinterpret_cast<std::uint8_t*>(input_.data());
    state_.avail_in = static_cast<std::uint32_t>(size);
    return Status();
  }

  const ByteSource& source_;
  const ZipEntry& entry_;
  std::vector<std::byte> input_;
  std::vector<std::byte> output_;
  std::uint64_t consumed_ = 0;
  inflate_state state_;
};

}  // namespace

Status StreamRecord(const ByteSource& source, const ZipEntry& entry, const Consumer& consume) {
  if (!entry.compressed) return StreamStored(source, entry, consume);
  // On the stack, all 80 KiB of it: archives hold thousands of small records, and the heap would be
  // grown and trimmed for each.
  return Inflater(source, entry).Run(consume);
}

Result<std::string> ReadRecord(const ByteSource& source, const ZipEntry& entry, std::uint64_t limit) {
  if (entry.size > limit) {
    return Status(
        StatusCode::kUnreadable, "TA205",
        "the record " + Quote(entry.name) + " has " + BytesText(entry.size) + ", the limit is " + BytesText(limit),
        "no model needs this: the file is damaged or hostile");
  }
  std::string text;
  Status status = StreamRecord(source, entry, [&](std::span<const std::byte> chunk) {
    text.append(reinterpret_cast<const char*>(chunk.data()), chunk.size());
  });
  if (!status.ok()) return status;
  return text;
}

}  // namespace torchassay
