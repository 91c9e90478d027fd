// Finding: something wrong with a *model*, as data. All of them are collected; none stops the work.

#ifndef VALIDATOR_BASE_FINDING_H_
#define VALIDATOR_BASE_FINDING_H_

#include <optional>
#include <string>
#include <vector>

namespace torchassay {

enum class Severity { kError, kWarning, kNote };

enum class Verdict {
  kProved,     // a counterexample shows it
  kPossible,   // it could not be flipped within the budget
  kDismissed,  // checked, and no divergence
  kRepaired,   // the trace diverged, the artifact that was written does not
  kFailed,     // a check of the validator failed; no counterexample is needed
};

// "error", "warning", "note".
const char* SeverityName(Severity severity);
// "proved", "possible", "dismissed", "repaired", "failed".
const char* VerdictName(Verdict verdict);
std::optional<Severity> ParseSeverity(const std::string& name);
std::optional<Verdict> ParseVerdict(const std::string& name);

// One labelled line of evidence: {"mismatched", "37 of 4000 elements (0.9 %)"}.
struct Evidence {
  std::string label;
  std::string text;
};

struct Finding {
  std::string code;  // of the catalogue, "TA401"
  Severity severity = Severity::kError;
  Verdict verdict = Verdict::kFailed;
  std::string message;  // lower case, no final stop, names in backticks, understandable alone
  std::string subject;  // what it is about, for "-->": "resnet18.assay: case `sampled-3`"
  std::vector<Evidence> evidence;
  std::vector<std::string> notes;
  std::string help;  // the only place for advice; may be empty

  // Where a divergence stands in the model's source; unset for findings of the validator.
  std::optional<std::string> file;
  std::optional<int> line;
  std::optional<int> end_line;
  std::optional<int> column;
  std::string module;  // dotted path of the submodule, "" for the root
  std::optional<std::string> function;
  std::optional<std::string> statement;
  std::optional<std::string> baked;
  std::vector<int> dropped_lines;
  std::optional<std::string> counterexample;  // name of a case
  std::optional<double> max_abs_error;
  std::optional<std::string> waived;  // the waiver's reason
};

}  // namespace torchassay

#endif  // VALIDATOR_BASE_FINDING_H_
