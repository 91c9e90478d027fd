// How policies and baselines call models.

#ifndef VALIDATOR_GATE_MODEL_NAMES_H_
#define VALIDATOR_GATE_MODEL_NAMES_H_

#include <string_view>

namespace torchassay {

// Whether a policy that says `wanted` speaks of the model at `path` ("/home/me/vision/net.assay"): it names the file,
// or the file with some of the folders that it really lies in. "net.assay" is in any folder, "text/net.assay" is
// another.
bool NamesModel(std::string_view wanted, std::string_view path);

// Whether two reports may mean one model. A report calls a model by its file name with as many folders before it
// as tell it from the others of that run, so that "vision/net.assay" and "net.assay" may be the same.
bool SameModel(std::string_view a, std::string_view b);

}  // namespace torchassay

#endif  // VALIDATOR_GATE_MODEL_NAMES_H_
