#include "validator/base/json.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "validator/base/strings.h"
#include "validator/base/text_position.h"

namespace torchassay {
namespace {

std::string Located(const std::string& name, std::string_view text, std::size_t offset, const std::string& message) {
  const TextPosition position = PositionOf(text, offset);
  return Quote(name) + " line " + std::to_string(position.line) + ", column " + std::to_string(position.column) + ": " +
         message + "\n" + CaretExcerpt(text, offset);
}

// "unexpected string literal; expected '}'" out of the parser's own, longer text.
std::string CutParserMessage(const std::string& what) {
  const std::size_t dash = what.find(" - ");
  std::string text = dash == std::string::npos ? what.substr(what.find("] ") + 2) : what.substr(dash + 3);
  return text.substr(0, text.find("; last read"));
}

bool IsWordCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '+' || c == '.'; }

// Where the token starts whose last character, or the one after it, stands at `end`.
std::size_t TokenStart(std::string_view text, std::size_t end) {
  if (end >= text.size() || end == 0) return end;
  if (text[end] == '"') {
    const std::size_t quote = text.rfind('"', end - 1);
    return quote == std::string_view::npos ? end : quote;
  }
  std::size_t start = end;
  while (start > 0 && IsWordCharacter(text[start - 1])) --start;
  return start;
}

// Builds the document, and refuses what a document may hold by the letter but none of ours should: a key
// twice, nesting without end.
class DocumentBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit DocumentBuilder(int depth_limit) : depth_limit_(depth_limit) {}

  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(number_integer_t value) override { return Put(value); }
  bool number_unsigned(number_unsigned_t value) override { return Put(value); }
  bool number_float(number_float_t value, const string_t&) override { return Put(value); }
  bool string(string_t& value) override { return Put(std::move(value)); }
  bool binary(binary_t& value) override { return Put(Json::binary(std::move(value))); }

  bool start_object(std::size_t) override { return Open(Json::object()); }
  bool start_array(std::size_t) override { return Open(Json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& name) override {
    if (open_.back()->contains(name)) return Refuse("the key " + Quote(name) + " stands twice in one object");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    message_ = CutParserMessage(error.what());
    last_read_ = position == 0 ? 0 : position - 1;
    return false;
  }

  Json& root() { return root_; }
  const std::string& message() const { return message_; }
  // Of the last character that was read; absent where only the whole is to blame.
  std::optional<std::size_t> last_read() const { return last_read_; }

 private:
  bool Refuse(const std::string& message) {
    message_ = message;
    return false;
  }

  Json* Place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  template <typename T>
  bool Put(T&& value) {
    Place(Json(std::forward<T>(value)));
    return true;
  }

  bool Open(Json container) {
    if (static_cast<int>(open_.size()) >= depth_limit_) {
      return Refuse("more than " + std::to_string(depth_limit_) + " levels of nesting");
    }
    open_.push_back(Place(std::move(container)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  const int depth_limit_;
  Json root_;
  std::vector<Json*> open_;  // containers that are not closed yet; a parent grows only while it is the last
  std::string key_;
  std::string message_;
  std::optional<std::size_t> last_read_;
};

// Finds where in a well-formed text a value of the parsed document stands, by reading both in step. Only
// complaints need it, so nobody pays for positions otherwise.
class ValueLocator final {
 public:
  ValueLocator(std::string_view text, const Json* target) : text_(text), target_(target) {}

  // The offset of the target's first character; 0 where it is no part of `root`.
  std::size_t Find(const Json& root) { return Walk(root) ? at_ : 0; }

 private:
  bool Walk(const Json& value) {
    SkipBlanks();
    if (&value == target_) return true;
    if (value.is_object()) return WalkObject(value);
    if (value.is_array()) return WalkArray(value);
    TakeScalar();
    return false;
  }

  bool WalkObject(const Json& object) {
    for (std::size_t i = 0; i < object.size(); ++i) {
      TakeUntilValue();
      const Json key = Json::parse(TakeScalar());
      TakeUntilValue();
      if (Walk(object.at(key.get<std::string>()))) return true;
    }
    return TakeClosing();
  }

  bool WalkArray(const Json& array) {
    for (const Json& item : array) {
      TakeUntilValue();
      if (Walk(item)) return true;
    }
    return TakeClosing();
  }

  // Past the `{`, `[`, `,` or `:` before a value.
  void TakeUntilValue() {
    SkipBlanks();
    ++at_;
    SkipBlanks();
  }

  bool TakeClosing() {
    while (text_[at_] != '}' && text_[at_] != ']') ++at_;
    ++at_;
    return false;
  }

  std::string_view TakeScalar() {
    const std::size_t start = at_;
    if (text_[at_] == '"') {
      for (++at_; text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\';
      ++at_;
    } else {
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    }
    return text_.substr(start, at_ - start);
  }

  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  std::string_view text_;
  const Json* target_;
  std::size_t at_ = 0;
};

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view WithoutByteOrderMark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

// What stands in place of the expected value: "an object", "-3", "the string `abc`".
std::string KindText(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return value.empty() ? "an empty array" : "an array of " + CountText(std::ssize(value), "item");
  if (value.is_string()) return "the string " + Quote(value.get<std::string>());
  return value.dump();
}

const Json& NullJson() {
  static const Json null;
  return null;
}

}  // namespace

struct JsonDocument::State {
  std::string text;
  std::string name;
  Json root;
  Status status;
};

Result<Json> ParseJson(std::string_view text, const std::string& name, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return Status(StatusCode::kUnreadable, Quote(name) + " has " + BytesText(text.size()) + ", more than the " +
                                               BytesText(limits.bytes) + " that are read");
  }
  text = WithoutByteOrderMark(text);
  // The parser would skip a second one, and ValueLocator would not.
  if (text.starts_with(kByteOrderMark)) {
    return Status(StatusCode::kUnreadable, Located(name, text, 0, "a second byte order mark"));
  }
  // The parser would take it for the end of the text.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Status(StatusCode::kUnreadable, Located(name, text, nul, "a NUL character"));
  }
  DocumentBuilder builder(limits.depth);
  if (Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root());
  if (!builder.last_read()) return Status(StatusCode::kUnreadable, Quote(name) + ": " + builder.message());
  const std::size_t offset = TokenStart(text, *builder.last_read());
  return Status(StatusCode::kUnreadable, Located(name, text, offset, builder.message()));
}

std::string DumpJson(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Result<JsonDocument> JsonDocument::Parse(std::string text, const std::string& name, const JsonLimits& limits) {
  Result<Json> root = ParseJson(text, name, limits);
  if (!root.ok()) return root.status();
  auto state = std::make_shared<State>();
  state->text = std::string(WithoutByteOrderMark(text));
  state->name = name;
  state->root = *std::move(root);
  return JsonDocument(std::move(state));
}

JsonNode JsonDocument::root() const { return JsonNode(state_, &state_->root, ""); }

Status JsonDocument::status() const { return state_->status; }

JsonNode JsonNode::Child(const Json* value, std::string path) const { return JsonNode(state_, value, std::move(path)); }

JsonNode JsonNode::Required(std::string_view key) const {
  std::optional<JsonNode> member = Optional(key);
  if (member) return *member;
  if (IsObject()) {
    Reject("", (path_.empty() ? "the member " : Quote(path_) + " lacks the member ") + Quote(key) +
                   (path_.empty() ? " is missing" : ""));
  }
  return Child(&NullJson(), path_.empty() ? std::string(key) : path_ + "." + std::string(key));
}

std::optional<JsonNode> JsonNode::Optional(std::string_view key) const {
  if (!IsObject()) {
    Complain("an object");
    return std::nullopt;
  }
  const auto found = value_->find(std::string(key));
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return Child(&*found, path_.empty() ? std::string(key) : path_ + "." + std::string(key));
}

std::string JsonNode::String() const {
  if (IsString()) return value_->get<std::string>();
  Complain("a string");
  return {};
}

bool JsonNode::Bool() const {
  if (IsBool()) return value_->get<bool>();
  Complain("true or false");
  return false;
}

std::int64_t JsonNode::Integer() const {
  constexpr std::uint64_t kGreatest = std::numeric_limits<std::int64_t>::max();
  if (IsInteger() && !(value_->is_number_unsigned() && value_->get<std::uint64_t>() > kGreatest)) {
    return value_->get<std::int64_t>();
  }
  Complain(IsInteger() ? "an integer of 64 bits" : "an integer");
  return 0;
}

int JsonNode::SmallInteger() const {
  const std::int64_t integer = Integer();
  if (integer == static_cast<int>(integer)) return static_cast<int>(integer);
  Complain("an integer of 32 bits");
  return 0;
}

double JsonNode::Number() const {
  if (IsNumber()) return value_->get<double>();
  if (IsString()) {
    const std::string text = value_->get<std::string>();
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
  }
  Complain("a number");
  return 0;
}

std::vector<JsonNode> JsonNode::Items() const {
  std::vector<JsonNode> items;
  if (!IsArray()) Complain("an array");
  if (!IsArray()) return items;
  items.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i) {
    items.push_back(Child(&(*value_)[i], path_ + "[" + std::to_string(i) + "]"));
  }
  return items;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::Members() const {
  std::vector<std::pair<std::string, JsonNode>> members;
  if (!IsObject()) Complain("an object");
  if (!IsObject()) return members;
  for (const auto& [key, value] : value_->items()) {
    members.emplace_back(key, Child(&value, path_.empty() ? key : path_ + "." + key));
  }
  return members;
}

bool JsonNode::IsString() const { return value_->is_string(); }
bool JsonNode::IsBool() const { return value_->is_boolean(); }
bool JsonNode::IsInteger() const { return value_->is_number_integer(); }
bool JsonNode::IsNumber() const { return value_->is_number(); }
bool JsonNode::IsArray() const { return value_->is_array(); }
bool JsonNode::IsObject() const { return value_->is_object(); }
bool JsonNode::IsNull() const { return value_->is_null(); }

void JsonNode::Complain(const std::string& expected) const {
  const std::string subject = path_.empty() ? "the document" : Quote(path_);
  Reject("", subject + " must be " + expected + ", not " + KindText(*value_));
}

void JsonNode::Reject(const std::string& code, const std::string& message, const std::string& help) const {
  if (!state_->status.ok() || value_ == &NullJson()) return;
  const std::size_t offset = ValueLocator(state_->text, value_).Find(state_->root);
  state_->status = Status(StatusCode::kUnreadable, code, Located(state_->name, state_->text, offset, message), help);
}

}  // namespace torchassay
