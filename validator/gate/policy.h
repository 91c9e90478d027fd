// Policy: what a team decided about its models: tolerances, what fails, budgets, waivers.
//
// docs/policy.md describes the file, docs/policy.schema.json checks it. A key that starts with "//" is a comment.

#ifndef VALIDATOR_GATE_POLICY_H_
#define VALIDATOR_GATE_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "validator/base/finding.h"
#include "validator/base/status.h"
#include "validator/compare/tolerance.h"
#include "validator/tensor/dtype.h"

namespace torchassay {

// The newest policy that this build can read.
constexpr int kPolicySchemaVersion = 1;

// Replaces a recorded tolerance. Of several that fit an output the first counts.
struct PolicyTolerance {
  std::string model;           // name of a bundle, "" for any
  std::string output;          // path, "" for any
  std::optional<DType> dtype;  // absent for any
  Tolerance tolerance;
};

// Limits for each model, or for the one that is named; absent is no limit.
struct Budgets {
  std::string model;                                            // name of a bundle, "" for any
  std::optional<double> case_ms;                                // of the slowest case
  std::optional<double> p50_ms, p90_ms, p99_ms, first_call_ms;  // of `bench`
  std::optional<std::int64_t> model_bytes;                      // of the TorchScript file
  std::optional<std::int64_t> peak_bytes;                       // of memory
};

// Accepts findings that match all that it names. Empty strings and absent members match anything.
struct Waiver {
  std::string code;  // "TA101"
  std::string model, case_name, output, file, function;
  std::optional<int> line;
  std::string reason;
  std::string owner;
  std::string expires;  // "2027-01-31", the last day on which it holds; "" for never
};

struct Policy {
  std::string name;  // of the file, for messages
  std::vector<PolicyTolerance> tolerances;
  std::vector<Verdict> failing_verdicts = {Verdict::kProved};  // of divergence findings
  std::vector<std::string> failing_codes;  // codes or their beginnings, "TA2"; fail whatever the verdict
  std::vector<Budgets> budgets;            // of several that fit a model, the first that sets a limit counts for it
  std::vector<Waiver> waivers;
};

// Reads `text`. Errors, each with line, column and caret:
//   TA607 kUnreadable   no JSON, a key that is not known (with a suggestion), a value of another kind, an
//                       unknown code or dtype, a date that is none, a waiver for what cannot be waived, a limit
//                       that cannot be kept
//   TA212 kUnsupported  schema_version is newer than kPolicySchemaVersion
Result<Policy> ParsePolicy(std::string text, const std::string& name);

// Whether a waiver may accept the code: a file that could not be read, a crash, or nothing compared
// leave nothing that could be accepted.
bool CanBeWaived(const std::string& code);

}  // namespace torchassay

#endif  // VALIDATOR_GATE_POLICY_H_
