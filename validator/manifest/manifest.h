// Manifest: what manifest.json of a bundle says, and how it is read.

#ifndef VALIDATOR_MANIFEST_MANIFEST_H_
#define VALIDATOR_MANIFEST_MANIFEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "validator/base/finding.h"
#include "validator/base/status.h"
#include "validator/tensor/value.h"

namespace torchassay {

// The newest manifest that this build can read.
constexpr int kSchemaVersion = 1;

struct Producer {
  std::string tool, version, torch, python, platform;
};

struct Source {
  std::string model;                // "model.py:build"
  std::optional<std::string> file;  // base name of the source file
  std::optional<std::string> sha256;
  std::string method = "forward";
};

struct SubmoduleMode {
  std::string path, class_name, mode, why;
};

struct Conversion {
  std::string mode_asked, mode_used;
  bool faithful = false;
  bool training = false;
  std::vector<SubmoduleMode> submodules;
};

struct BundleFile {
  std::string path;  // relative to the bundle, never outside
  std::uint64_t bytes = 0;
  std::string sha256;
};

// One input or output: its path and the grammar's text for it.
struct SignatureEntry {
  std::string path, spec;
};

struct ManifestSignature {
  std::string method = "forward";
  std::vector<SignatureEntry> inputs;  // in positional order
  std::vector<SignatureEntry> outputs;
};

struct OutputTolerance {
  std::string output;  // path
  double rtol = 0, atol = 0;
  std::string origin;  // how it was derived
};

// A call that must fail.
struct Raises {
  std::string type, message;
};

// What a submodule returned, for finding the first that differs.
struct SubmoduleRecord {
  std::string path;
  std::int64_t call = 0;  // the how-manieth call of it, from 0
  Value output;
};

struct CaseCall {
  std::string file;  // of tensors; "" where the call has none
  std::int64_t repeat = 1;
  std::vector<Value> args;
  std::vector<std::pair<std::string, Value>> kwargs;
  std::variant<Value, Raises> expects;
  std::vector<SubmoduleRecord> submodules;  // in the order in which they finished
};

enum class CaseKind { kExample, kSampled, kBoundary, kCounterexample };
const char* CaseKindName(CaseKind kind);

struct Case {
  std::string name;
  CaseKind kind = CaseKind::kExample;
  std::int64_t seed = 0;
  std::vector<CaseCall> calls;  // on one fresh model, in order
};

struct Manifest {
  int schema_version = kSchemaVersion;
  Producer producer;
  std::string created;
  Source source;
  Conversion conversion;
  std::vector<BundleFile> files;
  ManifestSignature signature;
  std::vector<OutputTolerance> tolerances;
  std::vector<Case> cases;
  std::vector<Finding> findings;
};

// Reads `text`; `name` stands for the file in messages. Keys that are not known are ignored. Errors:
//   TA211 kUnreadable   no JSON, a member missing or of another kind: with line, column and caret; two cases
//                       or files of one name; a case without calls
//   TA212 kUnsupported  schema_version is newer than kSchemaVersion
//   TA206 kRefused      a path that is absolute, climbs with `..` or is otherwise not plainly inside
// No cases, or cases that expect nothing, are no error here: the session says that nothing was checked (exit 3).
Result<Manifest> ParseManifest(std::string text, const std::string& name);

}  // namespace torchassay

#endif  // VALIDATOR_MANIFEST_MANIFEST_H_
