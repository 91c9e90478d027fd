#include "validator/gate/model_names.h"

#include <utility>

namespace torchassay {

bool SameModel(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (a == b) return true;
  return !b.empty() && a.ends_with(b) && a[a.size() - b.size() - 1] == '/';
}

}  // namespace torchassay
