#include "validator/archive/module_tree.h"

#include <unordered_map>
#include <utility>

#include "validator/archive/pickle_text.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::string_view kCustomClasses = "__torch__.torch.classes.";
constexpr std::uint64_t kMostVisits = 20'000'000;  // values that are named many times are met many times

Status Malformed(const std::string& what) {
  return Status(StatusCode::kUnreadable, "TA204", what, "the file is damaged, or was not written by PyTorch");
}

Status BeyondLimit(const std::string& what) {
  return Status(StatusCode::kUnreadable, "TA205", what, "no model needs this: the file is damaged or hostile");
}

// Python's own marker of a hook; every module has one, and it says nothing.
bool IsNoise(const std::string& name) { return name == "_is_full_backward_hook"; }

class TreeBuilder final {
 public:
  TreeBuilder(const PickleTree& pickle, const ClassIndex& classes, const ArchiveLimits& limits, std::string folder,
              ModuleContent& tree)
      : pickle_(pickle), classes_(classes), limits_(limits), folder_(std::move(folder)), tree_(tree) {}

  Status BuildModules() {
    if (!IsScriptObject(pickle_.root())) return Malformed("`data.pkl` holds no TorchScript module");
    AddModule(pickle_.root_id(), "", 0);
    return status_;
  }

  Status BuildConstants() {
    const PickleValue& root = pickle_.root();
    for (std::size_t i = 0; i < root.items.size(); ++i) {
      Collect(root.items[i], "CONSTANTS.c" + std::to_string(i), TensorRole::kConstant, nullptr, 0);
    }
    return status_;
  }

 private:
  // `into` is the module that owns what is found; null for constants.
  struct Owner {
    int module;
  };

  bool IsScriptObject(const PickleValue& value) const {
    return value.kind == PickleKind::kObject && pickle_.Item(value, 0).text.starts_with("__torch__.");
  }

  const ClassCode* ClassOf(const PickleValue& object) const {
    const auto found = classes_.find(std::string(pickle_.Item(object, 0).text));
    return found == classes_.end() ? nullptr : found->second;
  }

  // Without its code (a mobile archive may lack it) an object with a dictionary counts as a module.
  bool IsModule(const PickleValue& value) const {
    if (!IsScriptObject(value) || pickle_.Item(value, 0).text.starts_with(kCustomClasses)) return false;
    const ClassCode* code = ClassOf(value);
    return code == nullptr || code->kind == "Module";
  }

  bool Enter(int depth) {
    if (!status_.ok()) return false;
    if (depth > static_cast<int>(limits_.pickle_depth) || ++visits_ > kMostVisits) {
      status_ = BeyondLimit("the modules are nested too deeply or too many");
    } else if (tree_.modules.size() > limits_.modules) {
      status_ = BeyondLimit("there are more than " + std::to_string(limits_.modules) + " modules");
    } else if (tree_.tensors.size() > limits_.tensors) {
      status_ = BeyondLimit("there are more than " + std::to_string(limits_.tensors) + " tensors");
    }
    return status_.ok();
  }

  // A memo lets a small pickle name one long text in a million places.
  bool Fits(std::string_view name) {
    if (name.size() > limits_.name_bytes && status_.ok()) {
      status_ = BeyondLimit("a name is longer than " + std::to_string(limits_.name_bytes) + " bytes");
    }
    return status_.ok();
  }

  int AddModule(PickleId id, const std::string& path, int depth) {
    const PickleValue& object = pickle_.at(id);
    const int index = static_cast<int>(tree_.modules.size());
    const bool fits = Fits(pickle_.Item(object, 0).text) && Fits(path);
    ModuleNode& node = tree_.modules.emplace_back();
    if (!fits) return index;
    node.path = path;
    node.type = pickle_.Item(object, 0).text;
    node.class_name = ShortClassName(node.type);
    const auto [first, fresh] = first_paths_.try_emplace(id, path);
    if (!fresh) {
      node.shares = first->second.empty() ? "the root" : first->second;
      return index;
    }
    NoteLoading(object);
    const PickleValue& state = pickle_.Item(object, 2);
    if (state.kind == PickleKind::kDict) {
      AddMembers(state, index, depth);
    } else if (object.items.size() > 2) {
      const Owner owner{index};
      Collect(object.items[2], path.empty() ? "state" : path + ".state", TensorRole::kPacked, &owner, depth + 1);
    }
    return index;
  }

  // LibTorch calls __setstate__ of every object whose class has one.
  void NoteLoading(const PickleValue& object) {
    if (!Fits(pickle_.Item(object, 0).text)) return;
    const std::string type(pickle_.Item(object, 0).text);
    if (type.starts_with(kCustomClasses)) tree_.custom_classes.insert(type.substr(kCustomClasses.size()));
    const ClassCode* code = ClassOf(object);
    if (code != nullptr && code->FindMethod("__setstate__") != nullptr) {
      tree_.runs_on_load.insert(type + ".__setstate__");
    }
  }

  void AddMembers(const PickleValue& state, int index, int depth) {
    for (std::size_t i = 0; i + 1 < state.items.size() && Enter(depth); i += 2) {
      const std::string_view name = pickle_.Item(state, i).text;
      if (Fits(name)) AddMember(std::string(name), state.items[i + 1], index, depth);
    }
  }

  void AddMember(const std::string& name, PickleId id, int index, int depth) {
    const PickleValue& value = pickle_.at(id);
    const std::string prefix = tree_.modules[index].path;
    const std::string path = prefix.empty() ? name : prefix + "." + name;
    if (IsModule(value)) {
      if (!Enter(depth + 1)) return;
      const int child = AddModule(id, path, depth + 1);
      tree_.modules[index].children.push_back(child);
      return;
    }
    const Owner owner{index};
    Collect(id, path, Role(index, name), &owner, depth + 1);
    if (!IsStoredTensor(pickle_, value)) AddAttribute(name, value, tree_.modules[index]);
  }

  // What a class declares, by name: looked up for every member of every module.
  struct Declared {
    std::unordered_map<std::string_view, TensorRole> roles;
    std::unordered_map<std::string_view, std::string_view> types;
  };

  const Declared& DeclaredBy(const std::string& type) {
    const auto [at, added] = declared_.try_emplace(type);
    const auto found = classes_.find(type);
    if (!added || found == classes_.end()) return at->second;
    for (const std::string& name : found->second->buffers) at->second.roles[name] = TensorRole::kBuffer;
    for (const std::string& name : found->second->parameters) at->second.roles[name] = TensorRole::kParameter;
    for (const auto& [name, declared] : found->second->fields) at->second.types.emplace(name, declared);
    return at->second;
  }

  TensorRole Role(int index, const std::string& name) {
    const Declared& declared = DeclaredBy(tree_.modules[index].type);
    const auto found = declared.roles.find(name);
    return found == declared.roles.end() ? TensorRole::kAttribute : found->second;
  }

  void AddAttribute(const std::string& name, const PickleValue& value, ModuleNode& node) {
    if (name == "training" && value.kind == PickleKind::kBool) {
      node.training = value.boolean;
      return;
    }
    if (IsNoise(name)) return;
    const Declared& declared = DeclaredBy(node.type);
    const auto found = declared.types.find(name);
    node.attributes.push_back(
        {name, found == declared.types.end() ? "" : std::string(found->second), PickleText(pickle_, value)});
  }

  // Finds the tensors inside a value, and what its objects do on loading.
  void Collect(PickleId id, const std::string& path, TensorRole role, const Owner* owner, int depth) {
    if (!Enter(depth) || !Fits(path)) return;
    const PickleValue& value = Unwrapped(pickle_, pickle_.at(id));
    switch (value.kind) {
      case PickleKind::kCall:
        if (IsStoredTensor(pickle_, value)) AddTensor(value, path, role, owner);
        return;
      case PickleKind::kTuple:
      case PickleKind::kList:
        for (std::size_t i = 0; i < value.items.size() && status_.ok(); ++i) {
          if (!Plain(value.items[i]))
            Collect(value.items[i], path + "[" + std::to_string(i) + "]", role, owner, depth + 1);
        }
        return;
      case PickleKind::kDict:
        for (std::size_t i = 0; i + 1 < value.items.size() && status_.ok(); i += 2) {
          if (Plain(value.items[i + 1])) continue;
          const std::string key = PickleText(pickle_, pickle_.Item(value, i), 40);
          Collect(value.items[i + 1], path + "[" + key + "]", role, owner, depth + 1);
        }
        return;
      case PickleKind::kObject: return CollectObject(id, value, path, owner, depth);
      case PickleKind::kNone:
      case PickleKind::kBool:
      case PickleKind::kInt:
      case PickleKind::kFloat:
      case PickleKind::kText:
      case PickleKind::kSet:
      case PickleKind::kGlobal:
      case PickleKind::kPersistent:
      case PickleKind::kBigInt: return;
    }
  }

  // Saves the path of each of a vocabulary's hundred thousand strings.
  bool Plain(PickleId id) const {
    const PickleKind kind = pickle_.at(id).kind;
    return kind == PickleKind::kInt || kind == PickleKind::kText || kind == PickleKind::kFloat ||
           kind == PickleKind::kBool || kind == PickleKind::kNone;
  }

  void CollectObject(PickleId id, const PickleValue& object, const std::string& path, const Owner* owner, int depth) {
    if (!first_paths_.try_emplace(id, path).second) return;
    NoteLoading(object);
    if (object.items.size() < 3) return;
    const PickleValue& state = pickle_.Item(object, 2);
    if (state.kind != PickleKind::kDict) {
      Collect(object.items[2], path, TensorRole::kPacked, owner, depth + 1);
      return;
    }
    for (std::size_t i = 0; i + 1 < state.items.size() && status_.ok(); i += 2) {
      if (!Fits(pickle_.Item(state, i).text)) return;
      const std::string field = path + "." + std::string(pickle_.Item(state, i).text);
      Collect(state.items[i + 1], field, TensorRole::kAttribute, owner, depth + 1);
    }
  }

  void AddTensor(const PickleValue& value, const std::string& path, TensorRole role, const Owner* owner) {
    Result<StoredTensor> tensor = ReadStoredTensor(pickle_, value, folder_);
    if (!tensor.ok()) {
      status_ = tensor.status().WithContext(Quote(path));
      return;
    }
    if (owner != nullptr) {
      tree_.modules[owner->module].tensors.push_back(static_cast<int>(tree_.tensors.size()));
    }
    tree_.tensors.push_back({path, role, std::move(*tensor), ""});
  }

  const PickleTree& pickle_;
  const ClassIndex& classes_;
  const ArchiveLimits& limits_;
  std::string folder_;
  ModuleContent& tree_;
  std::unordered_map<PickleId, std::string> first_paths_;
  std::unordered_map<std::string, Declared> declared_;  // by class
  std::uint64_t visits_ = 0;
  Status status_;
};

}  // namespace

const char* TensorRoleName(TensorRole role) {
  switch (role) {
    case TensorRole::kParameter: return "parameter";
    case TensorRole::kBuffer: return "buffer";
    case TensorRole::kAttribute: return "attribute";
    case TensorRole::kPacked: return "packed";
    case TensorRole::kConstant: return "constant";
  }
  return "";
}

Result<ModuleContent> ReadModuleTree(const PickleTree& data, const ClassIndex& classes, const ArchiveLimits& limits) {
  ModuleContent tree;
  if (Status status = TreeBuilder(data, classes, limits, "data", tree).BuildModules(); !status.ok()) {
    return status;
  }
  return tree;
}

Status AddConstants(const PickleTree& constants, const ClassIndex& classes, const ArchiveLimits& limits,
                    ModuleContent& tree) {
  return TreeBuilder(constants, classes, limits, "constants", tree).BuildConstants();
}

void MarkShared(std::vector<NamedTensor>& tensors) {
  std::unordered_map<std::string, const NamedTensor*> first;
  for (NamedTensor& tensor : tensors) {
    const auto [at, fresh] = first.try_emplace(tensor.tensor.record, &tensor);
    tensor.shares = fresh ? "" : at->second->path;
  }
}

}  // namespace torchassay
