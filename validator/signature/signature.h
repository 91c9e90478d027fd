// Signature: which calls a model takes, each statement with its evidence; and whether a call matches.

#ifndef VALIDATOR_SIGNATURE_SIGNATURE_H_
#define VALIDATOR_SIGNATURE_SIGNATURE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validator/base/finding.h"
#include "validator/base/status.h"
#include "validator/signature/kinds.h"
#include "validator/signature/provided.h"

namespace torchassay {

// Where a statement about an input comes from.
enum class Origin {
  kManifest,  // the bundle's author declared it
  kTraced,    // the file's example input: one call that worked, no limit
  kInferred,  // the graph, confirmed by probes
  kSchema,    // the method's declaration alone
};
const char* OriginName(Origin origin);  // "manifest", "traced example", "inferred", "schema"

struct ArgumentSpec {
  std::string path;                          // the parameter's name in the method, or a path below it
  std::string type;                          // TorchScript's: "Tensor", "int", "List[Tensor]", "Optional[Tensor]"
  std::vector<ValueSpec> alternatives;       // each is legal; empty: not determined, anything of `type`
  std::optional<std::string> default_value;  // its text; the argument may be left out then
  Origin origin = Origin::kSchema;
  std::vector<Evidence> evidence;  // {"dim 1 = 3", "aten::conv2d at model.py:12 has weight [64,3,7,7]"}
};

struct OutputSpec {
  std::string path;  // "output", "output[0]", "output.logits"
  std::string text;  // "f32[N,1000]"
};

struct Signature {
  std::string method = "forward";
  std::vector<ArgumentSpec> inputs;  // in positional order
  std::vector<OutputSpec> outputs;
  // Sizes with the same symbol are one size, also across inputs.
};

// Evidence that holds of one of several alternatives says so in its label: "f32[N,3,*,*], dimension 1 = 3".
Evidence OfAlternative(const ValueSpec& alternative, Evidence evidence);
// The same without that, where it is of this alternative; nothing otherwise.
std::optional<Evidence> IfOf(const ValueSpec& alternative, const Evidence& evidence);

// How many dimensions at the front may have any size, before the first that is tied to another or bound.
std::size_t FreeLeading(const TensorSpec& spec);
// The dimensions behind those: alternatives with the same of these differ in the front alone.
std::vector<Dim> BoundTail(const TensorSpec& spec);

// "f32[N,3,*,*]"; alternatives joined by " or "; the type where nothing is determined.
std::string PrintArgument(const ArgumentSpec& argument);

// A manifest's input specs; the same path given twice is one argument with two alternatives.
Result<Signature> SignatureFromSpecs(const std::string& method, std::span<const InputSpec> inputs);

// Findings TA301 to TA308 of a call, none where it is legal. Every difference is reported, the
// first one per argument; sizes of one symbol must agree; a size range must lie inside the legal one.
std::vector<Finding> Match(const Signature& signature, std::span<const Provided> provided);

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_SIGNATURE_H_
