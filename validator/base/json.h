// JSON behind a door that throws nothing: parsing with limits, and reading members with messages.

#ifndef VALIDATOR_BASE_JSON_H_
#define VALIDATOR_BASE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "validator/base/status.h"

namespace torchassay {

using Json = nlohmann::json;

struct JsonLimits {
  int depth = 100;                           // of nested arrays and objects
  std::size_t bytes = std::size_t{1} << 28;  // of text
};

// The value of `text`; `name` is the file's name in messages. kUnreadable where it is not JSON, names
// a key twice in one object, is no UTF-8 or passes a limit:
//
//   `manifest.json` line 3, column 13: unexpected string literal; expected '}'
//      3 |   "seed": 0 "calls": []
//        |             ^
Result<Json> ParseJson(std::string_view text, const std::string& name, const JsonLimits& limits = {});

// The text of `value`; `indent` -1 is one line. Non-finite numbers become null, invalid UTF-8 is replaced.
std::string DumpJson(const Json& value, int indent = -1);

class JsonNode;

// A parsed document whose readers complain at the right place. Reading goes on after a complaint, with
// zeros and empty strings, so that code stays straight; only the first complaint is kept.
//
//   Result<JsonDocument> document = JsonDocument::Parse(text, "policy.json");
//   if (!document.ok()) return document.status();
//   Policy policy = ReadPolicy(document->root());
//   if (Status status = document->status(); !status.ok()) return status;
class JsonDocument final {
 public:
  static Result<JsonDocument> Parse(std::string text, const std::string& name, const JsonLimits& limits = {});

  // Valid as long as this document, which may be moved meanwhile.
  JsonNode root() const;
  // OK, or the first complaint: "`policy.json` line 4, column 11: `cases[0].seed` must be an integer, not
  // the string `x`", then the line and a caret.
  Status status() const;

 private:
  friend class JsonNode;
  struct State;

  explicit JsonDocument(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

// One value of a JsonDocument with the path that led to it.
class JsonNode final {
 public:
  // The member `key`; where this is no object or lacks it, complains and returns a node that reads as zero.
  JsonNode Required(std::string_view key) const;
  // The member `key`; absent where it is missing or null. Complains where this is no object.
  std::optional<JsonNode> Optional(std::string_view key) const;

  // Each complains unless the value is of that kind, and then returns a zero, "" or {}.
  std::string String() const;
  bool Bool() const;
  std::int64_t Integer() const;
  int SmallInteger() const;  // one that an int can hold
  double Number() const;     // also takes the strings "nan", "inf" and "-inf"
  std::vector<JsonNode> Items() const;
  std::vector<std::pair<std::string, JsonNode>> Members() const;  // sorted by key

  bool IsString() const;
  bool IsBool() const;
  bool IsInteger() const;
  bool IsNumber() const;  // integer or not
  bool IsArray() const;
  bool IsObject() const;
  bool IsNull() const;

  // Complains that this value "must be `expected`": node.Complain("a positive integer").
  void Complain(const std::string& expected) const;
  // Complains with a whole sentence about this value, a catalogue code ("" for none) and advice.
  void Reject(const std::string& code, const std::string& message, const std::string& help = {}) const;

  // "cases[0].calls[1].file"; "" for the root.
  const std::string& path() const { return path_; }
  // The value itself; null where it was missing.
  const Json& json() const { return *value_; }

 private:
  friend class JsonDocument;

  JsonNode(std::shared_ptr<JsonDocument::State> state, const Json* value, std::string path)
      : state_(std::move(state)), value_(value), path_(std::move(path)) {}

  JsonNode Child(const Json* value, std::string path) const;

  std::shared_ptr<JsonDocument::State> state_;
  const Json* value_;
  std::string path_;
};

}  // namespace torchassay

#endif  // VALIDATOR_BASE_JSON_H_
