// The catalogue of finding codes, built into the program from the one file that both halves read.

#ifndef VALIDATOR_BASE_CATALOGUE_H_
#define VALIDATOR_BASE_CATALOGUE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torchassay {

struct CatalogueEntry {
  std::string code;         // "TA401"
  std::string name;         // "value-differs"
  std::string severity;     // "error", "warning", "note"
  std::string title;        // one line
  std::string explanation;  // what it means and how to mend it
  std::string bad;          // an example that has it
  std::string good;         // the example, mended
  std::string since;        // version
};

// All codes, ascending.
const std::vector<CatalogueEntry>& Catalogue();
// By code ("TA401", "ta401") or by name. Null: no such code; the entry lives as long as the program.
const CatalogueEntry* FindCode(std::string_view code_or_name);
// The code or name nearest to `word`, for "did you mean".
std::optional<std::string> ClosestCode(std::string_view word);

}  // namespace torchassay

#endif  // VALIDATOR_BASE_CATALOGUE_H_
