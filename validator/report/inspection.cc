#include "validator/report/inspection.h"

namespace torchassay {

std::vector<ModuleSize> ModuleSizes(const ArchiveSummary& archive) {
  std::vector<ModuleSize> sizes(archive.modules.size());
  // Children stand behind their parents: from the back, every sum is complete before it is added.
  for (std::size_t i = archive.modules.size(); i-- > 0;) {
    const ModuleNode& node = archive.modules[i];
    ModuleSize& size = sizes[i];
    for (const int index : node.tensors) {
      const NamedTensor& named = archive.tensors[index];
      if (!named.shares.empty()) continue;
      if (named.role == TensorRole::kParameter) size.own_parameters += named.tensor.elements();
      size.own_bytes += named.tensor.bytes();
    }
    size.parameters += size.own_parameters;
    size.bytes += size.own_bytes;
    for (const int child : node.children) {
      size.parameters += sizes[child].parameters;
      size.bytes += sizes[child].bytes;
    }
  }
  return sizes;
}

std::map<std::string, std::int64_t> BytesByType(const ArchiveSummary& archive) {
  std::map<std::string, std::int64_t> bytes;
  for (const NamedTensor& named : archive.tensors) {
    if (named.shares.empty()) bytes[named.tensor.dtype] += named.tensor.bytes();
  }
  return bytes;
}

}  // namespace torchassay
