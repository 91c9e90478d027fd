// Localise: for a model with a wrong output, the first submodule whose output differs.

#ifndef VALIDATOR_SESSION_LOCALISE_H_
#define VALIDATOR_SESSION_LOCALISE_H_

#include "validator/report/report.h"
#include "validator/session/runner.h"
#include "validator/wire/job.h"

namespace torchassay {

// Where `model` has a failing case, runs it again with every submodule compared, and adds what it found as
// facts of the model. `job` is the one that validated it.
void Localise(const Job& job, Runner& runner, ModelReport& model, Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_LOCALISE_H_
