// ArchiveSummary: everything that is known about a TorchScript file without loading it; plain data.

#ifndef VALIDATOR_ARCHIVE_ARCHIVE_SUMMARY_H_
#define VALIDATOR_ARCHIVE_ARCHIVE_SUMMARY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "validator/archive/code.h"
#include "validator/archive/module_tree.h"
#include "validator/base/finding.h"
#include "validator/tensor/value.h"

namespace torchassay {

struct OperatorUse {
  std::string name;        // "aten::conv2d", "quantized::linear_dynamic"
  std::int64_t count = 0;  // occurrences in the code as written: a method counts once, however often it is called
  std::vector<std::string> methods;  // up to a few that use it: "__torch__.Net.forward"
};

// The example that a method was traced with; no data, only kinds and shapes.
struct TracedInput {
  std::string method;              // "forward"
  std::vector<Value> arguments;    // tensors are unnamed; one of a type beyond the grammar's reads as a str
  std::vector<std::string> texts;  // of the arguments: "f32[1,3,224,224]", "(f32[2], 3)", "{\"k\": f32[1]}"
};

struct RecordInfo {
  std::string name;  // without the archive's root: "data/0"
  std::uint64_t bytes = 0;
  std::uint64_t stored_bytes = 0;
  bool compressed = false;
  bool has_checksum = false;
};

enum class ArchiveKind { kTraced, kScripted, kFrozen, kMobile };
// "traced", "scripted", "frozen", "mobile" (with bytecode): how the file was made, as far as it shows.
const char* ArchiveKindName(ArchiveKind kind);

struct ArchiveSummary {
  std::string root;  // the folder inside the zip: "resnet18"
  ArchiveKind kind = ArchiveKind::kScripted;
  std::uint64_t file_bytes = 0;
  int format_version = 0;  // of the record `version`
  std::optional<int> bytecode_version;
  std::string producer;    // "PyTorch 1.13 or later": what the format version and the layout say
  std::string byte_order;  // "little", or "" in older files

  std::vector<ModuleNode> modules;     // in depth-first order; [0] is the root
  std::vector<NamedTensor> tensors;    // in the same order; constants last
  std::vector<ClassCode> classes;      // sorted by name
  std::vector<Method> functions;       // free functions; `name` is qualified
  std::vector<OperatorUse> operators;  // most used first
  std::vector<TracedInput> traced_inputs;
  std::vector<std::string> code_devices;           // that the code names: "cuda:0"; sorted
  std::vector<std::string> storage_devices;        // that tensors were saved from; sorted
  std::vector<RecordInfo> records;                 // as in the file
  std::map<std::string, std::string> extra_files;  // name under extra/, short text or "<n bytes>"

  std::uint64_t checked_records = 0;    // whose CRC-32 was compared
  std::uint64_t unchecked_records = 0;  // non-empty, without one (or not asked for)

  // Why loading it is not just reading data. Such a file is loaded with `--trust` only.
  std::vector<std::string> runs_on_load;   // "__torch__.Net.__setstate__"
  std::vector<std::string> touches_files;  // "aten::save"
  // Operators and classes which the runtime that this program was built for does not have.
  std::vector<std::string> unknown_operators;
  std::vector<std::string> unknown_classes;

  std::vector<Finding> findings;  // TA203, TA207, TA208, TA209, TA210, TA216

  const ClassCode* FindClass(const std::string& name) const;
  const ModuleNode* FindModule(const std::string& path) const;
  // The method of the root module; null where it has none of that name.
  const Method* FindMethod(const std::string& name) const;
  // Whether loading it would run code or touch files.
  bool NeedsTrust() const { return !runs_on_load.empty() || !touches_files.empty(); }
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_ARCHIVE_SUMMARY_H_
