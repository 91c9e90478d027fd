// StarterPolicy: a commented policy that fits what a result measured.

#ifndef VALIDATOR_GATE_STARTER_POLICY_H_
#define VALIDATOR_GATE_STARTER_POLICY_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

// A policy under which this result's numbers pass: each output's tolerance, budgets with room to
// grow. Divergences stay as they are: waiving is a person's decision, so a waiver is only shown.
// ParsePolicy reads it back.
std::string StarterPolicy(const Report& report);

}  // namespace torchassay

#endif  // VALIDATOR_GATE_STARTER_POLICY_H_
