#include "validator/wire/frame.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

struct Pipe {
  Pipe() { REQUIRE(pipe(ends) == 0); }
  ~Pipe() {
    close(ends[0]);
    CloseWriter();
  }
  void CloseWriter() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
  void Write(std::string_view bytes) {
    REQUIRE(write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  int ends[2];
};

TEST_CASE("frames come out as they went in, empty ones too") {
  Pipe pipe;
  REQUIRE(WriteFrame(pipe.ends[1], "one").ok());
  REQUIRE(WriteFrame(pipe.ends[1], "").ok());
  REQUIRE(WriteFrame(pipe.ends[1], std::string(3000, 'x')).ok());
  FrameReader reader;
  reader.ReadSome(pipe.ends[0]);
  CHECK(reader.Next() == "one");
  CHECK(reader.Next() == "");
  CHECK(reader.Next() == std::string(3000, 'x'));
  CHECK_FALSE(reader.Next().has_value());
  CHECK(reader.state() == FrameReader::State::kOpen);
}

TEST_CASE("a frame that comes byte by byte is put together") {
  Pipe pipe;
  FrameReader reader;
  for (const char c : std::string("\2\0\0\0ok", 6)) {
    CHECK_FALSE(reader.Next().has_value());
    pipe.Write(std::string_view(&c, 1));
    reader.ReadSome(pipe.ends[0]);
  }
  CHECK(reader.Next() == "ok");
}

TEST_CASE("a stream that ends inside a frame is truncated") {
  Pipe pipe;
  pipe.Write(std::string_view("\5\0\0\0ab", 6));
  pipe.CloseWriter();
  FrameReader reader;
  reader.ReadSome(pipe.ends[0]);
  CHECK(reader.ReadSome(pipe.ends[0]) == FrameReader::State::kClosed);
  CHECK_FALSE(reader.Next().has_value());
  CHECK(reader.truncated());
}

TEST_CASE("a length beyond all reason is garbage") {
  Pipe pipe;
  pipe.Write("\xFF\xFF\xFF\xFFxx");
  FrameReader reader;
  reader.ReadSome(pipe.ends[0]);
  CHECK_FALSE(reader.Next().has_value());
  CHECK(reader.state() == FrameReader::State::kGarbage);
}

TEST_CASE("a dead reader is an error and no signal") {
  int sockets[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
  close(sockets[1]);
  CHECK_FALSE(WriteFrame(sockets[0], "hello").ok());
  close(sockets[0]);
}

}  // namespace
}  // namespace torchassay
