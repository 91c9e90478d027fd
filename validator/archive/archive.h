// ReadArchive: what a TorchScript file holds, read without LibTorch and without running anything.
//
// The zip, its pickles and its printed code are read as data. Weights are only looked at for their
// checksums, in chunks: memory does not grow with them.
//
//   Result<ArchiveSummary> archive = ReadArchive("model.pt", {});
//   if (!archive.ok()) return archive.status();     // TA201, TA202, TA204, TA205, TA206: no such thing
//   for (const Finding& finding : archive->findings) …  // TA203, TA207 … TA210, TA216: what is wrong with it

#ifndef VALIDATOR_ARCHIVE_ARCHIVE_H_
#define VALIDATOR_ARCHIVE_ARCHIVE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "validator/archive/byte_source.h"
#include "validator/archive/limits.h"
#include "validator/base/finding.h"
#include "validator/base/status.h"
#include "validator/tensor/dtype.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

struct ReadOptions {
  bool checksums = true;  // read every record and compare its CRC-32
  int threads = 2;        // for the checksums alone
  ArchiveLimits limits;
};

// Where the bytes of a tensor lie. Two tensors share memory if they name the same record.
struct StoredTensor {
  std::string dtype;             // "f32", "qint8", …: DTypeName where the grammar has it, else Torch's name
  std::optional<DType> element;  // absent for types that the grammar lacks: qint8, f8e4m3fn, …
  std::int64_t element_bytes = 0;
  Shape shape;
  std::vector<std::int64_t> stride;  // in elements
  std::int64_t offset = 0;           // of the first element in its record, in elements
  std::string record;                // "data/3", "constants/0"; relative to the archive's root
  std::string device;                // where it was saved from: "cpu", "cuda:0"
  bool requires_grad = false;
  std::string quantisation;  // "", "per_tensor_affine(scale=0.1, zero_point=3)", "per_channel_affine(axis=0)"

  std::int64_t elements() const { return ElementCount(shape); }
  std::int64_t bytes() const { return elements() * element_bytes; }
};

enum class TensorRole { kParameter, kBuffer, kAttribute, kPacked, kConstant };
// "parameter", "buffer", "attribute", "packed", "constant".
const char* TensorRoleName(TensorRole role);

struct NamedTensor {
  std::string path;  // "layer1.0.weight"; "CONSTANTS.c0" for a constant of the code
  TensorRole role = TensorRole::kParameter;
  StoredTensor tensor;
  std::string shares;  // path of the first tensor that uses the same record, or ""
};

struct Attribute {
  std::string name;
  std::string type;   // as declared in the code: "Optional[int]"; "" where the code has no declaration
  std::string value;  // short text: "3", "[1, 2]", "tensor f32[3]"; never a whole tensor
};

struct SourcePlace {
  std::string file;  // as the author's machine named it, the folders cut off: "resnet.py"
  int line = 0;      // counts from 1
};

struct Argument {
  std::string name;
  std::string type;                    // "Tensor", "Optional[Dict[str, Tensor]]"
  std::optional<std::string> default_value;
};

struct Method {
  std::string name;
  std::vector<Argument> arguments;  // without self
  std::string returns;
  std::string code;                   // the text of the body as stored, with its def line
  std::string code_file;              // "code/__torch__.py"
  int code_line = 0;                  // of the def, from 1
  std::optional<SourcePlace> source;  // of the Python that it was made from
  // "forward(Tensor x, int n=3) -> Tensor"
  std::string Schema() const;
};

// A class or a set of free functions of the stored code.
struct ClassCode {
  std::string name;  // qualified and as stored: "__torch__.torchvision.___torch_mangle_3.Conv2d"
  std::string kind;  // "Module", "NamedTuple", "Enum", "Interface", "" for a plain class
  std::vector<std::string> parameters;  // of __parameters__
  std::vector<std::string> buffers;     // of __buffers__
  std::vector<std::pair<std::string, std::string>> fields;     // name, declared type
  std::vector<std::pair<std::string, std::string>> constants;  // Final fields: name, value
  std::vector<Method> methods;
};

struct ModuleNode {
  std::string path;        // "" for the root, "layer1.0"
  std::string class_name;  // "Conv2d"
  std::string type;        // ClassCode::name
  std::string shares;      // path under which the same object came first, or ""
  std::optional<bool> training;
  std::vector<Attribute> attributes;  // what is neither a tensor nor a submodule
  std::vector<int> tensors;           // indexes into ArchiveSummary::tensors, own ones only
  std::vector<int> children;          // indexes into ArchiveSummary::modules
};

struct OperatorUse {
  std::string name;       // "aten::conv2d", "quantized::linear_dynamic"
  std::int64_t count = 0;  // occurrences in the code as written: a method counts once, however often it is called
  std::vector<std::string> methods;  // up to a few that use it: "__torch__.Net.forward"
};

struct TracedInput {
  std::string method;  // "forward"
  // One text for each argument: "f32[1,3,224,224]", "(f32[2], i64[3])", "{k: f32[1]}".
  std::vector<std::string> arguments;
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
  int format_version = 0;         // of the record `version`
  std::optional<int> bytecode_version;
  std::string producer;           // "PyTorch 1.13 or later": what the format version and the layout say
  std::string byte_order;         // "little", or "" in older files

  std::vector<ModuleNode> modules;   // in depth-first order; [0] is the root
  std::vector<NamedTensor> tensors;  // in the same order; constants last
  std::vector<ClassCode> classes;    // sorted by name
  std::vector<Method> functions;     // free functions; `name` is qualified
  std::vector<OperatorUse> operators;  // most used first
  std::vector<TracedInput> traced_inputs;
  std::vector<std::string> devices;  // devices that the code names, and that storages were saved from; sorted
  std::vector<RecordInfo> records;   // as in the file
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
  // Sum over the tensors with their own storage.
  std::uint64_t WeightBytes() const;
};

// `path` may be any file. A file of another kind is a Status TA201 that names its kind.
Result<ArchiveSummary> ReadArchive(const std::string& path, const ReadOptions& options);
// The same from any bytes; `name` stands in messages.
Result<ArchiveSummary> ReadArchive(const ByteSource& source, const std::string& name,
                                   const ReadOptions& options);

// "__torch__.torchvision.models.resnet.___torch_mangle_3.BasicBlock" → "BasicBlock".
std::string ShortClassName(const std::string& type);
// The same without "__torch__." and the mangling: "torchvision.models.resnet.BasicBlock".
std::string DemangledName(const std::string& type);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_ARCHIVE_H_
