#include "validator/wire/frame.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace torchassay {
namespace {

constexpr std::size_t kHeader = 4;

std::array<char, kHeader> EncodeLength(std::size_t length) {
  std::array<char, kHeader> header;
  for (std::size_t i = 0; i < kHeader; ++i) header[i] = static_cast<char>(length >> (8 * i) & 0xFF);
  return header;
}

std::uint32_t DecodeLength(std::string_view header) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < kHeader; ++i) {
    length |= std::uint32_t{static_cast<unsigned char>(header[i])} << (8 * i);
  }
  return length;
}

// send() on a socket, so that a dead reader is an error and no signal; write() on a pipe.
ssize_t WriteSome(int descriptor, const char* data, std::size_t size) {
  const ssize_t sent = send(descriptor, data, size, MSG_NOSIGNAL);
  return sent < 0 && errno == ENOTSOCK ? write(descriptor, data, size) : sent;
}

Status WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = WriteSome(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Status(StatusCode::kInternal, std::string("cannot write: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Status WriteFrame(int descriptor, std::string_view payload) {
  if (payload.size() > kLargestFrame) return Status(StatusCode::kInternal, "a message is too long");
  const auto header = EncodeLength(payload.size());
  Status status = WriteAll(descriptor, {header.data(), header.size()});
  return status.ok() ? WriteAll(descriptor, payload) : status;
}

FrameReader::State FrameReader::ReadSome(int descriptor) {
  char chunk[1 << 16];
  const ssize_t got = read(descriptor, chunk, sizeof chunk);
  if (got > 0) buffer_.append(chunk, static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) state_ = State::kClosed;
  return state_;
}

std::optional<std::string> FrameReader::Next() {
  if (buffer_.size() < kHeader) return std::nullopt;
  const std::uint32_t length = DecodeLength(buffer_);
  if (length > kLargestFrame) {
    state_ = State::kGarbage;
    return std::nullopt;
  }
  if (buffer_.size() < kHeader + length) return std::nullopt;
  std::string frame = buffer_.substr(kHeader, length);
  buffer_.erase(0, kHeader + length);
  return frame;
}

}  // namespace torchassay
