// What torch.save was given, told from the pickle alone.

#include <algorithm>
#include <set>

#include "validator/archive/file_kind.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr char kConvertHelp[] = "convert the model where its Python source is: `torchassay convert model.py:NAME`";
constexpr char kWeightsHelp[] =
    "weights alone cannot run: convert the model with them, "
    "`torchassay convert model.py:NAME --weights FILE`";

bool IsTensor(const PickleTree& pickle, const PickleValue& value) {
  if (value.kind != PickleKind::kCall) return false;
  const PickleValue& callable = pickle.Item(value, 0);
  return callable.kind == PickleKind::kGlobal && callable.text.starts_with("torch._utils._rebuild_");
}

// How many values of a dictionary are tensors, and its keys that are texts.
struct DictContent {
  std::int64_t tensors = 0;
  std::int64_t others = 0;
  std::vector<std::string> keys;
};

DictContent Count(const PickleTree& pickle, const PickleValue& dict) {
  DictContent content;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& key = pickle.Item(dict, i);
    if (key.kind == PickleKind::kText) content.keys.emplace_back(key.text);
    ++(IsTensor(pickle, pickle.Item(dict, i + 1)) ? content.tensors : content.others);
  }
  return content;
}

FileKind DictKind(const PickleTree& pickle, const PickleValue& dict) {
  const DictContent content = Count(pickle, dict);
  if (content.tensors > 0 && content.tensors >= content.others) {
    return {"a state_dict, not TorchScript: " + CountText(content.tensors, "tensor"), kWeightsHelp};
  }
  std::int64_t nested = 0;
  for (std::size_t i = 1; i < dict.items.size(); i += 2) {
    const PickleValue& value = pickle.Item(dict, i);
    if (value.kind == PickleKind::kDict) nested += Count(pickle, value).tensors;
  }
  const std::string keys = content.keys.empty() ? "" : " with the keys " + QuoteList(content.keys);
  if (nested + content.tensors > 0) {
    return {
        "a training checkpoint, not TorchScript: a dict" + keys + ", " + CountText(nested + content.tensors, "tensor"),
        kWeightsHelp};
  }
  return {"a pickled dict, not TorchScript" + (keys.empty() ? "" : ":" + keys.substr(5)), kConvertHelp};
}

// The class of an object, however its pickle spells that: NEWOBJ, a call of a reconstructor, or, in the
// old format, an identifier ("module", class, file, source) in the place of the class.
std::string ClassOf(const PickleTree& pickle, const PickleValue& object) {
  const PickleValue& made_by = pickle.Item(object, 0);
  if (made_by.kind == PickleKind::kPersistent) {
    return std::string(pickle.Item(pickle.Item(made_by, 0), 1).text);
  }
  if (object.kind == PickleKind::kCall && made_by.text.starts_with("copy")) {
    return std::string(pickle.Item(pickle.Item(object, 1), 0).text);
  }
  return std::string(made_by.text);
}

}  // namespace

FileKind PickledKind(const PickleTree& pickle) {
  const PickleValue& root = pickle.root();
  if (IsTensor(pickle, root)) return {"a single saved tensor, not TorchScript", kConvertHelp};
  switch (root.kind) {
    case PickleKind::kDict: return DictKind(pickle, root);
    case PickleKind::kObject:
    case PickleKind::kCall:
      return {"a Python object saved by torch.save, not TorchScript: its class is " + Quote(ClassOf(pickle, root)) +
                  ", whose source the file lacks",
              kConvertHelp};
    case PickleKind::kList:
    case PickleKind::kTuple:
      return {
          "a saved list of " + CountText(static_cast<std::int64_t>(root.items.size()), "value") + ", not TorchScript",
          kConvertHelp};
    case PickleKind::kNone:
    case PickleKind::kBool:
    case PickleKind::kInt:
    case PickleKind::kFloat:
    case PickleKind::kText:
    case PickleKind::kSet:
    case PickleKind::kGlobal:
    case PickleKind::kPersistent:
    case PickleKind::kBigInt: break;
  }
  return {"a pickled value, not TorchScript", kConvertHelp};
}

}  // namespace torchassay
