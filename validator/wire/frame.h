// Frames: messages of known length on a stream socket or pipe.

#ifndef VALIDATOR_WIRE_FRAME_H_
#define VALIDATOR_WIRE_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "validator/base/status.h"

namespace torchassay {

// A longer frame is garbage: no job and no result comes near it.
constexpr std::uint32_t kLargestFrame = std::uint32_t{1} << 28;

// Writes the length (4 bytes, little endian) and `payload`; goes on after signals. kInternal: the other
// end is gone. Never raises SIGPIPE on a socket.
Status WriteFrame(int descriptor, std::string_view payload);

// Gathers bytes as they come and hands out whole frames.
class FrameReader final {
 public:
  enum class State { kOpen, kClosed, kGarbage };

  // Reads what is there, blocking only where nothing is. kClosed: the other end is gone.
  State ReadSome(int descriptor);
  // The next whole frame. Absent: more bytes are needed, or state() says why none will come.
  std::optional<std::string> Next();
  State state() const { return state_; }
  // Whether the stream ended inside a frame.
  bool truncated() const { return state_ == State::kClosed && !buffer_.empty(); }

 private:
  std::string buffer_;
  State state_ = State::kOpen;
};

}  // namespace torchassay

#endif  // VALIDATOR_WIRE_FRAME_H_
