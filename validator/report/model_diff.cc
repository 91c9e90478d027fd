#include "validator/report/model_diff.h"

namespace torchassay {

const char* ChangeName(Change change) {
  switch (change) {
    case Change::kAdded: return "added";
    case Change::kRemoved: return "removed";
    case Change::kChanged: return "changed";
  }
  return "";
}

}  // namespace torchassay
