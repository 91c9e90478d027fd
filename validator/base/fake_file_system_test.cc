#include "validator/base/fake_file_system.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("the fake disk behaves as the real one") {
  FakeFileSystem files;
  files.Add("/b/manifest.json", "{}");
  files.Add("/b/empty", "");
  files.AddLink("/link", "/b");
  CHECK(files.Kind("/b") == FileKind::kDirectory);
  CHECK(files.Kind("/link/manifest.json") == FileKind::kRegular);
  CHECK(*files.Resolve("/link/manifest.json") == "/b/manifest.json");
  CHECK((*files.Map("/b/manifest.json"))->bytes().size() == 2);
  CHECK(files.Read("/b").status().message() == "`/b` is a directory, a file was expected");
  CHECK(files.Map("/b/empty").status().message() == "`/b/empty` is empty");
  CHECK(files.Read("/c").status().message() == "no such file `/c`");
}

}  // namespace
}  // namespace torchassay
