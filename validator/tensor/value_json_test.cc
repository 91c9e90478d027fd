#include "validator/tensor/value_json.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

std::string RoundTrip(const std::string& text) {
  Result<JsonDocument> document = JsonDocument::Parse(text, "v.json");
  REQUIRE(document.ok());
  const Value value = DecodeValue(document->root());
  CHECK(document->status().message() == "");
  return DumpJson(EncodeValue(value));
}

std::string Complaint(const std::string& text) {
  Result<JsonDocument> document = JsonDocument::Parse(text, "v.json");
  REQUIRE(document.ok());
  (void)DecodeValue(document->root());
  const std::string message = document->status().message();
  return message.substr(message.find(": ") + 2, message.find('\n') - message.find(": ") - 2);
}

TEST_CASE("every kind of value survives a round trip") {
  const std::string texts[] = {
      R"({"dtype":"f32","shape":[1,3],"tensor":"input.x"})",
      R"({"alias":"input.y","dtype":"c128","layout":"sparse_coo","requires_grad":true,"shape":[],"tensor":"t"})",
      R"({"tuple":[{"none":null},{"bool":true}]})",
      R"({"class":"Out","names":["a"],"tuple":[{"int":-3}]})",
      R"({"list":[]})",
      R"({"dict":[["a",{"float":0.5}],[3,{"float":"nan"}],[true,{"float":"-inf"}],[1.5,{"str":"x"}]]})",
      R"({"complex":[1.0,"inf"]})",
  };
  for (const std::string& text : texts) CHECK(RoundTrip(text) == text);
}

TEST_CASE("what is no value is named") {
  CHECK(Complaint(R"({"tesnor":"x"})") ==
        "the document must be a value: an object with one of `tensor`, `tuple`, `list`, `dict`, `none`, `bool`, "
        "`int`, `float`, `complex`, `str`, not an object");
  CHECK(Complaint(R"({"tensor":"x","dtype":"f33","shape":[]})") ==
        "`dtype` must be a dtype such as `f32`, not the string `f33`");
  CHECK(Complaint(R"({"tensor":"x","dtype":"f32","shape":[-1]})") == "`shape[0]` must be a size of 0 or more, not -1");
  CHECK(Complaint(R"({"tuple":[],"names":["a"]})") == "`names` must be one name for each item, not an array of 1 item");
  CHECK(Complaint(R"({"int":1,"float":1})") == "a value is one of `int` and `float`, not both");
  CHECK(Complaint(R"({"none":null,"int":1})") == "a value is one of `none` and `int`, not both");
  CHECK(Complaint(R"({"none":3})") == "`none` must be null, not 3");
  CHECK(Complaint(R"({"dict":[["a",{"int":1}],["a",{"int":2}]]})") ==
        "`dict[1][0]` must be a key that no earlier pair has, not the string `a`");
  CHECK(Complaint(R"({"tensor":"x","dtype":"f32","shape":[],"layout":"chanels_last"})") ==
        "`layout` must be a layout such as `channels_last` or `sparse_coo`, not the string `chanels_last`");
  CHECK(Complaint(R"({"tensor":"x","dtype":"f32","shape":[2],"layout":"channels_last"})") ==
        "`layout` must be a layout for this rank: `channels_last` has 4 or 5 dimensions, not the string "
        "`channels_last`");
  CHECK(Complaint(R"({"dict":[["a"]]})") == "`dict[0]` must be a pair of a key and a value, not an array of 1 item");
  CHECK(Complaint(R"({"tensor":"x","dtype":"f32","shape":[4611686018427387904,4]})") ==
        "the document must be a tensor of less than 2^63 bytes, not an object");
}

}  // namespace
}  // namespace torchassay
