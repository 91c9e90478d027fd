#include "validator/tensor/safetensors.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace torchassay {
namespace {

std::span<const std::byte> Bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

// A file with this header, padded by nothing, and so many bytes of data.
std::string File(const std::string& header, std::size_t data_size) {
  const std::uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + std::string(data_size, 'x');
}

std::string Message(const std::string& file) {
  const Status status = ParseSafetensors(Bytes(file)).status();
  CHECK(status.finding_code() == (status.ok() ? "" : "TA215"));
  return status.message();
}

std::string TensorMessage(const std::string& fields, std::size_t data_size) {
  return Message(File("{\"a\":{" + fields + "}}", data_size));
}

TEST_CASE("what was written is read back, larger elements first and aligned") {
  const std::string data = "0123456789abcdef";
  const auto bytes = Bytes(data);
  const NamedTensors tensors = {{"flag", {DType::kBool, {3}, bytes.first(3)}},
                                {"x", {DType::kF32, {1, 2}, bytes.first(8)}},
                                {"empty", {DType::kF64, {0, 4}, {}}}};
  const Result<std::string> file = SerializeSafetensors(tensors);
  REQUIRE(file.ok());
  Result<NamedTensors> read = ParseSafetensors(Bytes(*file));
  REQUIRE(read.ok());
  REQUIRE(read->size() == 3);
  CHECK((*read)[0].first == "empty");
  CHECK((*read)[1].first == "x");
  CHECK((*read)[1].second.shape == Shape{1, 2});
  CHECK(std::memcmp((*read)[1].second.bytes.data(), data.data(), 8) == 0);
  CHECK(((*read)[1].second.bytes.data() - Bytes(*file).data()) % 8 == 0);
  CHECK((*read)[2].second.dtype == DType::kBool);
}

TEST_CASE("metadata is no tensor") {
  CHECK(ParseSafetensors(Bytes(File("{\"__metadata__\":{\"format\":\"pt\"}}", 0)))->empty());
  CHECK(ParseSafetensors(Bytes(File("{}", 0)))->empty());
}

TEST_CASE("a file cut off in its header is named as that") {
  CHECK(Message("short") == "a safetensors file has at least 8 bytes, this one has 5");
  CHECK(Message(std::string("\xff\x00\x00\x00\x00\x00\x00\x00{}", 10)) ==
        "the header claims 255 bytes, but the file ends after 2 bytes");
  CHECK(Message(std::string(8, '\xff') + "{}") == "the header claims 16.0 EiB, more than the 95.4 MiB that are read");
}

TEST_CASE("a header that is no JSON is shown where it breaks") {
  CHECK(Message(File("{\"a\":", 0)).starts_with("`header` line 1, column 6: unexpected end of input"));
  CHECK(Message(File("[]", 0))
            .starts_with("`header` line 1, column 1: the document must be an object, not an empty array"));
  CHECK(Message(File("{\"a\":{},\"a\":{}}", 0)) == "`header`: the key `a` stands twice in one object");
  CHECK(TensorMessage("\"shape\":[],\"data_offsets\":[0,4]", 4)
            .starts_with("`header` line 1, column 6: `a` lacks the member `dtype`"));
}

TEST_CASE("a dtype that no tensor here can have is named") {
  CHECK(TensorMessage("\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]", 1)
            .starts_with("`header` line 1, column 15: tensor `a` has the unknown dtype `F8_E4M3`"));
  CHECK_FALSE(TensorMessage("\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]", 4).empty());
}

TEST_CASE("a tensor that lies about its place is refused with the numbers") {
  CHECK(TensorMessage("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]", 4) ==
        "tensor `a` claims bytes 0 to 8, but the file has 4 bytes of data");
  CHECK(TensorMessage("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]", 4) ==
        "tensor `a`, f32[2], needs 8 bytes but claims 4");
  CHECK(TensorMessage("\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,4]", 4) ==
        "tensor `a` has an impossible shape, f32[-2]");
  CHECK(TensorMessage("\"dtype\":\"F32\",\"shape\":[4611686018427387904,8],\"data_offsets\":[0,4]", 4) ==
        "tensor `a` has an impossible shape, f32[4611686018427387904,8]");
  CHECK(TensorMessage("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]", 8)
            .find("`a.data_offsets` must be two offsets, the first not beyond the second") != std::string::npos);
  CHECK(TensorMessage("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]", 8)
            .find("`a.data_offsets` must be two offsets") != std::string::npos);
}

TEST_CASE("ranges neither overlap nor leave gaps") {
  const auto two = [](const std::string& first, const std::string& second, std::size_t size) {
    const std::string fields = "\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":";
    return Message(File("{\"a\":{" + fields + first + "},\"b\":{" + fields + second + "}}", size));
  };
  CHECK(two("[0,4]", "[4,8]", 8).empty());
  CHECK(two("[4,8]", "[0,4]", 8).empty());
  CHECK(two("[0,4]", "[2,6]", 6) == "tensor `b` starts at byte 2, inside the one before it, which ends at 4");
  CHECK(two("[0,4]", "[0,4]", 4) == "tensor `b` starts at byte 0, inside the one before it, which ends at 4");
  CHECK(two("[0,4]", "[6,10]", 10) == "bytes 4 to 6, before tensor `b`, belong to no tensor");
  CHECK(two("[0,4]", "[4,8]", 9) == "bytes 8 to 9, after the last tensor, belong to none");
}

TEST_CASE("the format has no c128") {
  CHECK(SerializeSafetensors({{"z", {DType::kC128, {0}, {}}}}).status().message() ==
        "safetensors files hold no c128, as tensor `z` is");
}

}  // namespace
}  // namespace torchassay
