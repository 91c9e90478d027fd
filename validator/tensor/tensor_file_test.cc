#include "validator/tensor/tensor_file.h"

#include <zip.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "validator/base/fake_file_system.h"
#include "validator/tensor/safetensors.h"

namespace torchassay {
namespace {

std::string Npy(const std::string& shape, const std::string& data, const std::string& order = "False") {
  std::string header = "{'descr': '<f4', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  std::string file = std::string("\x93NUMPY\x01") + '\0';
  file += static_cast<char>(header.size());
  file += '\0';
  return file + header + data;
}

// A zip archive of these members; the first is stored, the others deflated.
std::string Zip(const std::vector<std::pair<std::string, std::string>>& members) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  for (const auto& [name, content] : members) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, 0);
    zip_set_file_compression(archive, index, index == 0 ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0);
  }
  zip_close(archive);
  zip_source_open(target);
  zip_stat_t info;
  zip_source_stat(target, &info);
  std::string bytes(info.size, '\0');
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

Result<TensorFile> Open(const std::string& content) {
  FakeFileSystem files;
  files.Add("f", content);
  return TensorFile::Open(files, "f");
}

std::string Text(const TensorFile& file, std::string_view name) {
  const std::optional<TensorView> view = file.Find(name);
  REQUIRE(view);
  return std::string(reinterpret_cast<const char*>(view->bytes.data()), view->bytes.size());
}

TEST_CASE("the kind of a file is told from its content") {
  const std::string safetensors = *SerializeSafetensors({{"x", {DType::kU8, {0}, {}}}});
  CHECK(Open(safetensors)->names() == std::vector<std::string>{"x"});
  CHECK(Text(*Open(Npy("(1,)", "abcd")), "array") == "abcd");
  CHECK_FALSE(Open(Npy("(1,)", "abcd"))->Find("other"));
}

TEST_CASE("an npz is unpacked, stored and deflated, in its order") {
  Result<TensorFile> file = Open(Zip({{"b.npy", Npy("(1,)", "abcd")}, {"a.npy", Npy("(1, 2)", "ABCDEFGH", "True")}}));
  REQUIRE(file.ok());
  CHECK(file->names() == std::vector<std::string>{"b", "a"});
  CHECK(Text(*file, "b") == "abcd");
  CHECK(Text(*file, "a") == "ABCDEFGH");
}

TEST_CASE("views are aligned even where the file is not") {
  std::string file(8, '\0');
  const std::string header = "{\"x\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]} }";
  file[0] = static_cast<char>(header.size());
  REQUIRE(header.size() % 8 != 0);
  const Result<TensorFile> read = Open(file + header + "01234567");
  REQUIRE(read.ok());
  CHECK(reinterpret_cast<std::uintptr_t>(read->Find("x")->bytes.data()) % 8 == 0);
  CHECK(Text(*read, "x") == "01234567");
}

TEST_CASE("what is wrong with a file is said with its name") {
  CHECK(Open("what is this").status().ToString().starts_with("error[TA215]: `f`: the header claims"));
  CHECK(Open(Zip({{"a.npy", "no array"}})).status().ToString() == "error[TA215]: `f`: array `a`: this is no .npy file");
  CHECK(Open("").status().message() == "`f` is empty");
  CHECK(Open("PK but no zip").status().message() == "`f`: the zip archive cannot be read: not a zip archive");
}

TEST_CASE("a damaged member of an npz does not pass") {
  std::string packed = Zip({{"a.npy", Npy("(1,)", "abcd")}});
  packed[packed.find("abcd")] = 'X';
  CHECK(Open(packed).status().message() == "`f`: member `a.npy` does not match its checksum or size");
}

}  // namespace
}  // namespace torchassay
