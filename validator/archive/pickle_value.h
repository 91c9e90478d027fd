// PickleValue: what a pickle says, as inert data. Nothing in it was called or imported.

#ifndef VALIDATOR_ARCHIVE_PICKLE_VALUE_H_
#define VALIDATOR_ARCHIVE_PICKLE_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace torchassay {

// Values refer to each other by index: a memo makes a graph of them, which may have cycles.
using PickleId = std::uint32_t;

enum class PickleKind {
  kNone,
  kBool,
  kInt,
  kFloat,
  kText,        // text: a string, or bytes
  kTuple,       // items
  kList,        // items
  kSet,         // items
  kDict,        // items: key, value, key, value …
  kGlobal,      // text: the qualified name, "torch.FloatStorage"
  kCall,        // items: [callable, arguments]: REDUCE, never carried out
  kObject,      // items: [class, arguments] and, after BUILD, [class, arguments, state]
  kPersistent,  // items: [identifier]
  kBigInt,      // an integer beyond 64 bits; its value is not kept
};

struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string_view text;
  std::vector<PickleId> items;
};

// All values of one pickle. The pickle's bytes must outlive it: texts are views of them.
class PickleTree final {
 public:
  const PickleValue& at(PickleId id) const { return values_[id]; }
  const PickleValue& root() const { return values_[root_]; }
  PickleId root_id() const { return root_; }
  std::size_t size() const { return values_.size(); }
  // Bytes that the pickle took; more may follow it in its record.
  std::size_t consumed() const { return consumed_; }

  // Item `index` of `value`, or a None where there is none: readers check kinds, not counts.
  const PickleValue& Item(const PickleValue& value, std::size_t index) const;
  // Whether `value` is the global `name`, such as "torch._utils._rebuild_tensor_v2".
  bool IsGlobal(const PickleValue& value, std::string_view name) const;
  // Whether `value` is a call of the global `name`.
  bool IsCall(const PickleValue& value, std::string_view name) const;

 private:
  friend class PickleMachine;

  std::vector<PickleValue> values_;
  std::deque<std::string> names_;  // of the globals, joined from module and name
  PickleId root_ = 0;
  std::size_t consumed_ = 0;
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_PICKLE_VALUE_H_
