#include "validator/archive/pickle_machine.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <utility>

#include "validator/archive/byte_cursor.h"

namespace torchassay {
namespace {

// The closed list. Left out are, among others, INST, OBJ, EXT and the out-of-band buffers.
enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kBinFloat = 'G',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kEmptyDict = '}',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kEmptyList = ']',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kEmptyTuple = ')',
  kSetItems = 'u',
  kProto = 0x80,
  kNewObj = 0x81,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kLong4 = 0x8b,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kEmptySet = 0x8f,
  kAddItems = 0x90,
  kFrozenSet = 0x91,
  kNewObjEx = 0x92,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95
};

std::string Hex(unsigned value) {
  char text[8];
  std::snprintf(text, sizeof(text), "0x%02x", value);
  return text;
}

}  // namespace

class PickleMachine final {
 public:
  PickleMachine(std::span<const std::byte> bytes, const ArchiveLimits& limits) : cursor_(bytes), limits_(limits) {}

  Result<PickleTree> Run() {
    while (!stopped_) {
      at_ = cursor_.position();
      const std::uint8_t opcode = cursor_.U8();
      if (!cursor_.ok()) return Malformed("ends without STOP");
      Step(opcode);
      if (!cursor_.ok()) return Malformed("is cut off");
      if (!problem_.empty()) return Malformed(problem_);
      if (!limit_.empty()) return BeyondLimit();
    }
    tree_.consumed_ = cursor_.position();
    return std::move(tree_);
  }

 private:
  void Step(std::uint8_t opcode) {
    switch (opcode) {
      case kProto: return Protocol(cursor_.U8());
      case kFrame: return cursor_.Skip(8);
      case kStop: return Stop();
      case kMark: return PushMark();
      case kPop: Pop(); return;
      case kPopMark: PopToMark(); return;
      case kNone: Push(PickleKind::kNone); return;
      case kNewTrue: return PushBool(true);
      case kNewFalse: return PushBool(false);
      case kBinInt: return PushInt(static_cast<std::int32_t>(cursor_.U32()));
      case kBinInt1: return PushInt(cursor_.U8());
      case kBinInt2: return PushInt(cursor_.U16());
      case kLong1: return PushLong(cursor_.U8());
      case kLong4: return PushLong(cursor_.U32());
      case kBinFloat: return PushFloat();
      case kShortBinString:
      case kShortBinBytes:
      case kShortBinUnicode: return PushText(cursor_.U8());
      case kBinString:
      case kBinBytes:
      case kBinUnicode: return PushText(cursor_.U32());
      case kBinUnicode8: return PushText(cursor_.U64());
      case kEmptyTuple: Push(PickleKind::kTuple); return;
      case kEmptyList: Push(PickleKind::kList); return;
      case kEmptyDict: Push(PickleKind::kDict); return;
      case kEmptySet: Push(PickleKind::kSet); return;
      case kTuple1: return Gather(PickleKind::kTuple, PopMany(1));
      case kTuple2: return Gather(PickleKind::kTuple, PopMany(2));
      case kTuple3: return Gather(PickleKind::kTuple, PopMany(3));
      case kTuple: return Gather(PickleKind::kTuple, PopToMark());
      case kFrozenSet: return Gather(PickleKind::kSet, PopToMark());
      case kAppend: return AddTo(PopMany(1), 1);
      case kAppends:
      case kAddItems: return AddTo(PopToMark(), 1);
      case kSetItem: return AddTo(PopMany(2), 2);
      case kSetItems: return AddTo(PopToMark(), 2);
      case kBinPut: return Remember(cursor_.U8());
      case kLongBinPut: return Remember(cursor_.U32());
      case kMemoize: return Remember(static_cast<std::uint32_t>(memo_.size()));
      case kBinGet: return Recall(cursor_.U8());
      case kLongBinGet: return Recall(cursor_.U32());
      case kGlobal: return PushGlobal();
      case kStackGlobal: return StackGlobal();
      case kReduce: return Reduce();
      case kNewObj: return Gather(PickleKind::kObject, PopMany(2));
      case kNewObjEx: return NewObjectWithKeywords();
      case kBuild: return Build();
      case kBinPersId: return Gather(PickleKind::kPersistent, PopMany(1));
      default: problem_ = "has the opcode " + Hex(opcode) + ", which no model file uses"; return;
    }
  }

  void Protocol(std::uint8_t version) {
    if (version > 5) problem_ = "is of protocol " + std::to_string(version);
  }

  void Stop() {
    stopped_ = true;
    const std::vector<PickleId> result = PopMany(1);
    if (!result.empty()) tree_.root_ = result[0];
  }

  PickleId Push(PickleKind kind) {
    const PickleId id = static_cast<PickleId>(tree_.values_.size());
    if (id >= limits_.pickle_values) {
      limit_ = "builds more than " + std::to_string(limits_.pickle_values) + " values";
    } else {
      tree_.values_.emplace_back().kind = kind;
      depth_.push_back(1);
      stack_.push_back(id);
    }
    return std::min<PickleId>(id, static_cast<PickleId>(tree_.values_.size()) - 1);
  }

  void PushBool(bool value) { tree_.values_[Push(PickleKind::kBool)].boolean = value; }
  void PushInt(std::int64_t value) { tree_.values_[Push(PickleKind::kInt)].integer = value; }
  void PushText(std::uint64_t size) {
    const std::string_view text = cursor_.Text(size);
    tree_.values_[Push(PickleKind::kText)].text = text;
  }

  // Little-endian two's complement of any size.
  void PushLong(std::uint32_t size) {
    const std::string_view digits = cursor_.Text(size);
    if (digits.size() > 8) {
      Push(PickleKind::kBigInt);
      return;
    }
    const bool negative = !digits.empty() && (digits.back() & 0x80);
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      value = value << 8 | static_cast<std::uint8_t>(digits[i]);
    }
    PushInt(static_cast<std::int64_t>(value));
  }

  void PushFloat() {  // big-endian, unlike everything else
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | cursor_.U8();
    tree_.values_[Push(PickleKind::kFloat)].number = std::bit_cast<double>(bits);
  }

  void PushMark() {
    if (marks_.size() >= limits_.pickle_depth) return TooDeep();
    marks_.push_back(stack_.size());
  }

  PickleId Pop() {
    const std::vector<PickleId> popped = PopMany(1);
    return popped.empty() ? 0 : popped[0];
  }

  // The topmost `count` values above the last mark, in order; none, and a problem, where there are fewer.
  std::vector<PickleId> PopMany(std::size_t count) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() - floor < count) {
      problem_ = "takes a value from an empty stack";
      return {};
    }
    const std::vector<PickleId> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }

  std::vector<PickleId> PopToMark() {
    if (marks_.empty()) {
      problem_ = "closes a group that was never opened";
      return {};
    }
    const std::vector<PickleId> values(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return values;
  }

  // Pushes a value of `kind` made of `items`.
  void Gather(PickleKind kind, std::vector<PickleId> items) {
    if (!problem_.empty()) return;
    const PickleId id = Push(kind);
    if (limit_.empty()) Fill(id, std::move(items));
  }

  void Fill(PickleId id, std::vector<PickleId> items) {
    for (const PickleId item : items) Deepen(id, item);
    std::vector<PickleId>& into = tree_.values_[id].items;
    if (into.empty()) {
      into = std::move(items);
    } else {
      into.insert(into.end(), items.begin(), items.end());
    }
  }

  void Deepen(PickleId outer, PickleId inner) {
    depth_[outer] = std::max(depth_[outer], depth_[inner] + 1);
    if (depth_[outer] > limits_.pickle_depth) TooDeep();
  }

  void TooDeep() { limit_ = "nests values deeper than " + std::to_string(limits_.pickle_depth) + " levels"; }

  // Adds to the container on top. Subclasses of containers take items too; theirs are of no interest.
  void AddTo(const std::vector<PickleId>& items, std::size_t group) {
    if (!problem_.empty()) return;
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() == floor) {
      problem_ = "takes a value from an empty stack";
      return;
    }
    const PickleKind kind = tree_.at(stack_.back()).kind;
    if (kind == PickleKind::kObject || kind == PickleKind::kCall) return;
    const bool pairs = kind == PickleKind::kDict;
    const bool fits = pairs ? group == 2 : group == 1 && (kind == PickleKind::kList || kind == PickleKind::kSet);
    if (!fits || items.size() % group != 0) {
      problem_ = "adds items to something that is no such container";
      return;
    }
    Fill(stack_.back(), items);
  }

  void Remember(std::uint32_t key) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() == floor) {
      problem_ = "remembers a value from an empty stack";
    } else {
      memo_[key] = stack_.back();
    }
  }

  void Recall(std::uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) {
      problem_ = "refers to value " + std::to_string(key) + ", which it never remembered";
    } else {
      stack_.push_back(found->second);
    }
  }

  void PushGlobal() {
    const std::string_view module = cursor_.Line();
    const std::string_view name = cursor_.Line();
    if (cursor_.ok()) PushQualifiedName(module, name);
  }

  void StackGlobal() {
    const std::vector<PickleId> parts = PopMany(2);
    if (problem_.empty()) PushQualifiedName(tree_.at(parts[0]).text, tree_.at(parts[1]).text);
  }

  void PushQualifiedName(std::string_view module, std::string_view name) {
    const PickleId id = Push(PickleKind::kGlobal);
    if (!limit_.empty()) return;
    tree_.names_.push_back(std::string(module) + "." + std::string(name));
    tree_.values_[id].text = tree_.names_.back();
  }

  // An ordered dictionary is one more dictionary; every other call stays a record of itself.
  void Reduce() {
    std::vector<PickleId> call = PopMany(2);
    if (!problem_.empty()) return;
    const PickleValue& callable = tree_.at(call[0]);
    if (tree_.IsGlobal(callable, "collections.OrderedDict") || tree_.IsGlobal(callable, "collections.defaultdict")) {
      Push(PickleKind::kDict);
    } else {
      Gather(PickleKind::kCall, std::move(call));
    }
  }

  void NewObjectWithKeywords() {
    std::vector<PickleId> parts = PopMany(3);
    if (!problem_.empty()) return;
    parts.pop_back();
    Gather(PickleKind::kObject, std::move(parts));
  }

  // The state of an object; of a dictionary it is only its attributes, such as `_metadata`.
  void Build() {
    const std::vector<PickleId> state = PopMany(1);
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (!problem_.empty()) return;
    if (stack_.size() == floor) {
      problem_ = "takes a value from an empty stack";
      return;
    }
    const PickleValue& target = tree_.at(stack_.back());
    const bool fresh =
        (target.kind == PickleKind::kObject || target.kind == PickleKind::kCall) && target.items.size() == 2;
    if (fresh) {
      Fill(stack_.back(), state);
    } else if (target.kind != PickleKind::kDict) {
      problem_ = "gives a state to something that takes none";
    }
  }

  Status Malformed(const std::string& what) const {
    return Status(StatusCode::kUnreadable, "TA204", "the pickle " + what + ", at byte " + std::to_string(at_),
                  "the file is damaged, or was not written by PyTorch");
  }

  Status BeyondLimit() const {
    return Status(StatusCode::kUnreadable, "TA205", "the pickle " + limit_ + ", at byte " + std::to_string(at_),
                  "no model needs this: the file is damaged or hostile");
  }

  ByteCursor cursor_;
  const ArchiveLimits& limits_;
  PickleTree tree_;
  std::vector<std::uint32_t> depth_;  // beside tree_.values_
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;  // heights of stack_
  std::unordered_map<std::uint32_t, PickleId> memo_;
  std::size_t at_ = 0;  // of the current opcode
  std::string problem_;
  std::string limit_;
  bool stopped_ = false;
};

Result<PickleTree> ParsePickle(std::span<const std::byte> bytes, const ArchiveLimits& limits) {
  return PickleMachine(bytes, limits).Run();
}

}  // namespace torchassay
