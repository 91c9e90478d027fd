// ModuleContent: the submodules, tensors and attributes that an archive's data.pkl describes.

#ifndef VALIDATOR_ARCHIVE_MODULE_TREE_H_
#define VALIDATOR_ARCHIVE_MODULE_TREE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "validator/archive/code.h"
#include "validator/archive/limits.h"
#include "validator/archive/pickle_value.h"
#include "validator/archive/stored_tensor.h"
#include "validator/base/status.h"

namespace torchassay {

enum class TensorRole {
  kParameter,
  kBuffer,
  kAttribute,  // neither, as __parameters__ and __buffers__ say
  kPacked,     // inside the state of an object with its own way of saving, such as packed quantised weights
  kConstant,   // of the code: where freezing puts the weights
};
// "parameter", "buffer", "attribute", "packed", "constant".
const char* TensorRoleName(TensorRole role);

struct NamedTensor {
  std::string path;  // "layer1.0.weight", "cache[0]", "CONSTANTS.c0"
  TensorRole role = TensorRole::kParameter;
  StoredTensor tensor;
  std::string shares;  // path of the first tensor that uses the same record, or ""
};

struct Attribute {
  std::string name;
  std::string type;   // as declared in the code: "Optional[int]"; "" where the code declares none
  std::string value;  // a short text: "3", "[1, 2]", "{\"a\": f32[3]}"
};

struct ModuleNode {
  std::string path;        // "" for the root, "layer1.0"
  std::string class_name;  // "Conv2d"
  std::string type;        // ClassCode::name
  std::string shares;      // the path under which the same object came first, or ""; then nothing below is repeated
  std::optional<bool> training;
  std::vector<Attribute> attributes;  // what is neither a tensor nor a submodule
  std::vector<int> tensors;           // own ones, as indexes into ModuleContent::tensors
  std::vector<int> children;          // indexes into ModuleContent::modules
};

struct ModuleContent {
  std::vector<ModuleNode> modules;       // depth first; [0] is the root
  std::vector<NamedTensor> tensors;      // in the modules' order, constants last
  std::set<std::string> runs_on_load;    // methods that loading calls: "__torch__.Net.__setstate__"
  std::set<std::string> custom_classes;  // of C++: "quantized.Conv2dPackedParamsBase"
};

// Classes by qualified name.
using ClassIndex = std::map<std::string, const ClassCode*>;

// `data` is data.pkl. Errors: TA204 where it holds no module, or a tensor that cannot be; TA205 beyond the limits.
Result<ModuleContent> ReadModuleTree(const PickleTree& data, const ClassIndex& classes, const ArchiveLimits& limits);

// Adds the tensors of constants.pkl.
Status AddConstants(const PickleTree& constants, const ClassIndex& classes, const ArchiveLimits& limits,
                    ModuleContent& tree);

// Fills in NamedTensor::shares.
void MarkShared(std::vector<NamedTensor>& tensors);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_MODULE_TREE_H_
