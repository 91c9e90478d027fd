// How policies and baselines call models.

#ifndef VALIDATOR_GATE_MODEL_NAMES_H_
#define VALIDATOR_GATE_MODEL_NAMES_H_

#include <string_view>

namespace torchassay {

// Whether two names may be those of one model. A report calls a model by its file name with as many folders before it
// as tell it from the others of that run, so that "vision/net.assay" and "net.assay" may be the same.
bool SameModel(std::string_view a, std::string_view b);

}  // namespace torchassay

#endif  // VALIDATOR_GATE_MODEL_NAMES_H_
