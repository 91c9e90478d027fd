#include "validator/archive/pickle_machine.h"

#include <catch2/catch.hpp>
#include <string>

namespace torchassay {
namespace {

using namespace std::string_literals;

Result<PickleTree> Parse(const std::string& bytes, const ArchiveLimits& limits = {}) {
  return ParsePickle(std::as_bytes(std::span(bytes)), limits);
}

std::string Message(const Result<PickleTree>& tree) {
  return tree.ok() ? "ok" : tree.status().finding_code() + " " + tree.status().message();
}

TEST_CASE("numbers of every size") {
  const auto integer = [](const std::string& bytes) { return Parse(bytes)->root().integer; };
  CHECK(integer("K\x07."s) == 7);
  CHECK(integer("M\x01\x02."s) == 0x201);
  CHECK(integer("J\xff\xff\xff\xff."s) == -1);
  CHECK(integer("\x8a\x02\x00\x80."s) == -32768);
  CHECK(integer("\x8a\x00."s) == 0);
  CHECK(Parse("\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09."s)->root().kind == PickleKind::kBigInt);
  CHECK(Parse("G\x3f\xf8\x00\x00\x00\x00\x00\x00."s)->root().number == 1.5);
}

TEST_CASE("containers hold their items in order") {
  const std::string bytes =
      "\x80\x02}(X\x01\x00\x00\x00"
      "aK\x01X\x01\x00\x00\x00"
      "b(K\x02K\x03tu."s;
  const Result<PickleTree> tree = Parse(bytes);
  REQUIRE(tree.ok());
  const PickleValue& dict = tree->root();
  REQUIRE(dict.items.size() == 4);
  CHECK(tree->Item(dict, 2).text == "b");
  CHECK(tree->Item(tree->Item(dict, 3), 1).integer == 3);
}

TEST_CASE("a call is recorded and never made") {
  const std::string bytes = "cos\nsystem\n(X\x02\x00\x00\x00lstR."s;
  const Result<PickleTree> tree = Parse(bytes);
  REQUIRE(tree.ok());
  CHECK(tree->IsCall(tree->root(), "os.system"));
  CHECK(tree->Item(tree->Item(tree->root(), 1), 0).text == "ls");
}

TEST_CASE("an ordered dictionary is a dictionary, and its attributes are dropped") {
  const std::string bytes =
      "ccollections\nOrderedDict\n)Rq\x00(X\x01\x00\x00\x00"
      "aK\x01u}b."s;
  const Result<PickleTree> tree = Parse(bytes);
  REQUIRE(tree.ok());
  CHECK(tree->root().kind == PickleKind::kDict);
  CHECK(tree->root().items.size() == 2);
}

TEST_CASE("a list may hold itself") {
  const std::string bytes =
      "]q\x00h\x00"
      "a."s;
  const Result<PickleTree> tree = Parse(bytes);
  REQUIRE(tree.ok());
  CHECK(tree->root().items.front() == tree->root_id());
}

TEST_CASE("the byte of the first opcode that is wrong is named") {
  CHECK(Message(Parse("")) == "TA204 the pickle ends without STOP, at byte 0");
  CHECK(Message(Parse("\x80\x02K"s)) == "TA204 the pickle is cut off, at byte 2");
  CHECK(Message(Parse("K\x01I1\n."s)) == "TA204 the pickle has the opcode 0x49, which no model file uses, at byte 2");
  CHECK(Message(Parse(".")) == "TA204 the pickle takes a value from an empty stack, at byte 0");
  CHECK(Message(Parse("t.")) == "TA204 the pickle closes a group that was never opened, at byte 0");
  CHECK(Message(Parse("h\x05."s)) == "TA204 the pickle refers to value 5, which it never remembered, at byte 0");
  CHECK(Message(Parse("K\x01K\x02"
                      "a."s)) == "TA204 the pickle adds items to something that is no such container, at byte 4");
  CHECK(Message(Parse("X\xff\xff\xff\xff"s)) == "TA204 the pickle is cut off, at byte 0");
}

TEST_CASE("endless and deep pickles end at a limit") {
  ArchiveLimits limits;
  limits.pickle_values = 100;
  limits.pickle_depth = 50;
  CHECK(Message(Parse(std::string(1000, 'N'), limits)) == "TA205 the pickle builds more than 100 values, at byte 100");
  CHECK(Message(Parse(")" + std::string(60, '\x85') + ".", limits)) ==
        "TA205 the pickle nests values deeper than 50 levels, at byte 50");
  CHECK(Message(Parse(std::string(60, '('), limits)) ==
        "TA205 the pickle nests values deeper than 50 levels, at byte 50");
}

}  // namespace
}  // namespace torchassay
