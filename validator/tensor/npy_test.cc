#include "validator/tensor/npy.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

namespace torchassay {
namespace {

std::string File(const std::string& header, const std::string& data, char version = 1) {
  std::string file = std::string("\x93NUMPY") + version + '\0';
  file += static_cast<char>(header.size() & 255);
  file += static_cast<char>(header.size() >> 8);
  if (version > 1) file += std::string(2, '\0');
  return file + header + data;
}

std::string Dict(const std::string& descr, const std::string& shape, const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

Result<NpyArray> Parse(const std::string& file) { return ParseNpy(std::as_bytes(std::span(file))); }

std::string Message(const std::string& header, const std::string& data = "") {
  const std::string file = File(header, data);
  const Status status = Parse(file).status();
  CHECK(status.finding_code() == "TA215");
  return status.message();
}

TEST_CASE("all three versions of the header are read") {
  for (const char version : {1, 2, 3}) {
    const std::string file = File(Dict("<i2", "(2, 1)"), "abcd", version);
    const Result<NpyArray> array = Parse(file);
    REQUIRE(array.ok());
    CHECK(array->view.dtype == DType::kI16);
    CHECK(array->view.shape == Shape{2, 1});
    CHECK(std::memcmp(array->view.bytes.data(), "abcd", 4) == 0);
  }
  CHECK(Parse(File(Dict("|u1", "()"), "x"))->view.shape.empty());
  CHECK(Parse(File(Dict("|u1", "(1L,)"), "x"))->view.shape == Shape{1});
  CHECK(Parse(File(Dict("<f4", "(0, 7)"), ""))->view.bytes.empty());
  CHECK(Parse(File(Dict(">b1", "(1,)"), "x")).ok());
}

TEST_CASE("Fortran order becomes row-major order") {
  const std::string file = File(Dict("|u1", "(2, 3)", "True"), "adbecf");
  const Result<NpyArray> array = Parse(file);
  REQUIRE(array.ok());
  CHECK(std::memcmp(array->view.bytes.data(), "abcdef", 6) == 0);
  CHECK(array->view.bytes.data() == array->reordered.data());
}

TEST_CASE("what no tensor can hold is refused by its name") {
  CHECK(Message(Dict(">f4", "(1,)"), "abcd") == "the numbers are big-endian (`>f4`), little-endian ones were expected");
  CHECK(Message(Dict("|O", "(1,)"), "abcd") == "object arrays hold pickled Python objects, which are not read");
  CHECK(Message(Dict("<U3", "(1,)"), "abcd") == "the array holds text (`<U3`), not numbers");
  CHECK(Message(Dict("<u2", "(1,)"), "ab") == "no tensor has elements of type `<u2`");
  CHECK(Message("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd") ==
        "structured arrays hold several fields, a tensor has one");
}

TEST_CASE("a header that lies about its data is refused with the numbers") {
  CHECK(Message(Dict("<f4", "(2,)"), "abcd") == "f32[2] needs 8 bytes of data, the file has 4 bytes");
  CHECK(Message(Dict("<f4", "(1,)"), "abcdefgh") == "f32[1] needs 4 bytes of data, the file has 8 bytes");
  CHECK(Message(Dict("<f4", "(4611686018427387904, 8)")) ==
        "the header claims an impossible shape, f32[4611686018427387904,8]");
  CHECK(Message(Dict("<f4", "(99999999999999999999,)")) == "the header is damaged near `99,), }\\n`");
}

TEST_CASE("a damaged header is refused") {
  CHECK(Message("[]") == "the header is damaged near `[]`");
  CHECK(Message("{'descr'") == "the header is damaged near ``");
  CHECK(Message("{'descr': '<f4', 'descr': '<f8'}") == "the header has the key `descr` twice");
  CHECK(Message("{'descr': '<f4' 'shape': (1,)}") == "the header is damaged near `'shape': (1,)}`");
  CHECK(Message("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x") == "the header is damaged near `x`");
  for (const char* shape : {"(1)", "1", "(,)", "(1 1)", "(1,,)", "(1", "(-1,)"}) {
    CHECK(Message(Dict("<f4", shape), "abcd").starts_with("the header is damaged"));
  }
  CHECK(Message("{'descr': '<f4'}") == "the header lacks one of `descr`, `fortran_order` and `shape`");
  CHECK(Message("{'extra': 1}") == "the header has the unknown key `extra`");
  CHECK(Parse("\x93NUMPY\x01").status().message() == "the file ends inside its header");
  CHECK(Parse(File("{}", "", 9)).status().message() == "version 9 of the format is not known");
  CHECK(Parse(File(Dict("<f4", "(1,)"), "").substr(0, 30)).status().message() ==
        "the header claims 58 bytes, but the file ends after 20 bytes");
  CHECK(Parse("RIFF....").status().message() == "this is no .npy file");
}

}  // namespace
}  // namespace torchassay
