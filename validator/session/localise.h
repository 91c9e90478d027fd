// Localise: for a model with a wrong output, the first submodule whose output differs.

#ifndef VALIDATOR_SESSION_LOCALISE_H_
#define VALIDATOR_SESSION_LOCALISE_H_

#include <string>

#include "validator/report/report.h"
#include "validator/session/runner.h"
#include "validator/wire/job.h"

namespace torchassay {

// Where `model` has a failing case, runs it again with every submodule compared, and adds what it found as
// facts of the model. `job` is the one that validated it. Submodules are compared with the recorded ones, or with those
// of the model at `against`, where that is not "".
void Localise(const Job& job, const std::string& against, Runner& runner, ModelReport& model, Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_LOCALISE_H_
