// Inspection: what `inspect` found in a `.pt` file or a bundle; plain data for the renderers.

#ifndef VALIDATOR_REPORT_INSPECTION_H_
#define VALIDATOR_REPORT_INSPECTION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "validator/archive/archive_summary.h"
#include "validator/base/finding.h"
#include "validator/manifest/manifest.h"
#include "validator/report/model_verdict.h"
#include "validator/signature/signature.h"

namespace torchassay {

struct Inspection {
  std::string name;  // last part of the path
  ArchiveSummary archive;
  std::optional<Manifest> manifest;  // of a bundle
  std::optional<Signature> inputs;   // what the model takes, where it was asked
  std::vector<Finding> findings;     // of the archive, and of the bundle's own files
  // kNotDone where the file is damaged or stale, else kPassed: risks are shown, not judged.
  ModelVerdict verdict = ModelVerdict::kPassed;
};

// What of an inspection is shown.
enum class InspectView { kSummary, kTree, kParams, kCode, kGraph, kOps };

// Elements and bytes of one module, without and with what lies below it. What shares another's memory
// counts where it came first.
struct ModuleSize {
  std::int64_t own_parameters = 0;
  std::int64_t own_bytes = 0;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;
};

// Beside `archive.modules`.
std::vector<ModuleSize> ModuleSizes(const ArchiveSummary& archive);

// Bytes by dtype, of memory that is counted once.
std::map<std::string, std::int64_t> BytesByType(const ArchiveSummary& archive);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_INSPECTION_H_
