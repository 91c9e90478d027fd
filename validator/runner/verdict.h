// What to say of a child that is gone without an answer.

#ifndef VALIDATOR_RUNNER_VERDICT_H_
#define VALIDATOR_RUNNER_VERDICT_H_

#include <string>

#include "validator/wire/job.h"

namespace torchassay {

enum class EndedBy { kItself, kTimeout, kMemoryLimit };

struct Death {
  EndedBy ended_by = EndedBy::kItself;
  int wait_status = 0;     // of waitpid
  std::string last_words;  // the end of what it printed
  std::string case_name;   // the case that was running, "" for none
};

// Adds outcome, detail and the finding TA502, TA503 or TA504 to what was received before.
void Explain(const Job& job, const Death& death, JobResult& result);

// One finding about how a job ended, with the model's or bundle's name as its subject.
Finding ExecutionFinding(const Job& job, const std::string& code, const std::string& message);

}  // namespace torchassay

#endif  // VALIDATOR_RUNNER_VERDICT_H_
