#include "validator/base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

namespace fs = std::filesystem;

std::string TestPath(const std::string& name) {
  const char* folder = std::getenv("TEST_TMPDIR");
  return std::string(folder == nullptr ? "/tmp" : folder) + "/" + name;
}

// The message with `PATH` for the path, which a message shortens where the folder of the test is a long one.
std::string MessageWithout(const Status& status, const std::string& path) {
  std::string message = status.message();
  const std::string quoted = Quote(path);
  if (const std::size_t at = message.find(quoted); at != std::string::npos) {
    message.replace(at, quoted.size(), "`PATH`");
  }
  return message;
}

// A path that is neither a file nor a directory, on any file system and in any sandbox: the end of an open pipe.
class PipePath final {
 public:
  PipePath() { REQUIRE(pipe(ends_) == 0); }
  PipePath(const PipePath&) = delete;
  PipePath& operator=(const PipePath&) = delete;
  ~PipePath() {
    close(ends_[0]);
    close(ends_[1]);
  }

  std::string path() const { return "/proc/self/fd/" + std::to_string(ends_[0]); }

 private:
  int ends_[2];
};

std::string OpenMessage(const std::string& path) { return MessageWithout(MappedFile::Open(path).status(), path); }

TEST_CASE("a mapped file has the bytes that were written") {
  const std::string path = TestPath("mapped.bin");
  REQUIRE(WriteFileAtomically(path, "seven!!").ok());
  Result<MappedFile> file = MappedFile::Open(path);
  REQUIRE(file.ok());
  const MappedFile moved = *std::move(file);
  CHECK(moved.bytes().size() == 7);
  CHECK(moved.bytes()[0] == std::byte{'s'});
}

TEST_CASE("every reason why a file cannot be mapped has its message") {
  const std::string missing = TestPath("missing.pt");
  CHECK(OpenMessage(missing) == "no such file `PATH`");
  CHECK(MappedFile::Open(missing).status().code() == StatusCode::kNotFound);

  const std::string folder = TestPath("folder");
  fs::create_directories(folder);
  CHECK(OpenMessage(folder) == "`PATH` is a directory, a file was expected");

  const std::string empty = TestPath("empty.pt");
  REQUIRE(WriteFileAtomically(empty, "").ok());
  CHECK(OpenMessage(empty) == "`PATH` is empty");
  CHECK(*RealFileSystem().Read(empty) == "");

  CHECK(OpenMessage(PipePath().path()) == "`PATH` is no regular file");
  CHECK(OpenMessage(empty + "/below") == "no such file `PATH`");
}

TEST_CASE("a named pipe without a writer is refused at once") {
  const std::string pipe = TestPath("pipe");
  if (mkfifo(pipe.c_str(), 0600) != 0) {
    WARN("this file system has no named pipes");
    return;
  }
  CHECK(OpenMessage(pipe) == "`PATH` is no regular file");
}

TEST_CASE("an atomic write replaces a file, and leaves nothing behind where it cannot") {
  const std::string path = TestPath("replaced.txt");
  REQUIRE(WriteFileAtomically(path, "old").ok());
  REQUIRE(WriteFileAtomically(path, "new").ok());
  CHECK(*RealFileSystem().Read(path) == "new");

  const std::string folder = TestPath("occupied");
  fs::create_directories(folder + "/x");
  const std::size_t before = std::distance(fs::directory_iterator(TestPath("")), {});
  CHECK(MessageWithout(WriteFileAtomically(folder, "x"), folder) == "cannot write `PATH`: is a directory");
  CHECK(std::distance(fs::directory_iterator(TestPath("")), {}) == before);
  const std::string nowhere = TestPath("nowhere/file");
  CHECK(MessageWithout(WriteFileAtomically(nowhere, "x"), nowhere) == "cannot write `PATH`: no such file or directory");
}

TEST_CASE("what a link leads to is written, and a pipe stays one") {
  const std::string target = TestPath("written.txt");
  const std::string link = TestPath("written.link");
  REQUIRE(WriteFileAtomically(target, "old").ok());
  fs::remove(link);
  fs::create_symlink(target, link);
  REQUIRE(WriteFileAtomically(link, "new").ok());
  CHECK(fs::is_symlink(link));
  CHECK(*RealFileSystem().Read(target) == "new");

  fs::remove(target);
  REQUIRE(WriteFileAtomically(link, "anew").ok());
  CHECK(fs::is_symlink(link));
  CHECK(*RealFileSystem().Read(target) == "anew");
  fs::remove(target);
  fs::remove(link);
  fs::create_symlink(link, link);
  CHECK_FALSE(WriteFileAtomically(link, "round and round").ok());
  fs::remove(link);

  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(WriteFileAtomically("/proc/self/fd/" + std::to_string(ends[1]), "through").ok());
  char read_back[8] = {};
  CHECK(read(ends[0], read_back, sizeof(read_back)) == 7);
  CHECK(std::string(read_back) == "through");
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("the kind of a path follows links") {
  const RealFileSystem files;
  const std::string target = TestPath("target.txt");
  const std::string link = TestPath("link.txt");
  REQUIRE(WriteFileAtomically(target, "x").ok());
  fs::remove(link);
  fs::create_symlink(target, link);
  CHECK(files.Kind(link) == FileKind::kRegular);
  CHECK(*files.Resolve(link) == fs::canonical(target).string());
  CHECK(files.Kind(TestPath("")) == FileKind::kDirectory);
  CHECK(files.Kind(TestPath("missing")) == FileKind::kMissing);
  CHECK(files.Kind(PipePath().path()) == FileKind::kOther);
}

TEST_CASE("paths are joined with one slash and cut after the last") {
  CHECK(JoinPath("a", "b") == "a/b");
  CHECK(JoinPath("a/", "b") == "a/b");
  CHECK(JoinPath("", "b") == "b");
  CHECK(BaseName("/x/resnet18.assay/") == "resnet18.assay");
  CHECK(BaseName("a.pt") == "a.pt");
  CHECK(BaseName("/") == "/");
}

}  // namespace
}  // namespace torchassay
