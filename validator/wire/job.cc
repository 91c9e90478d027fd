#include "validator/wire/job.h"

namespace torchassay {

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFinished: return "finished";
    case Outcome::kRaised: return "raised";
    case Outcome::kCrashed: return "crashed";
    case Outcome::kTimedOut: return "timed out";
    case Outcome::kOutOfMemory: return "out of memory";
    case Outcome::kDeviceMissing: return "device missing";
    case Outcome::kCouldNotLoad: return "could not load";
    case Outcome::kUnusable: return "unusable";
  }
  return "";
}

}  // namespace torchassay
