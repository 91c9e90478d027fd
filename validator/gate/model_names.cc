#include "validator/gate/model_names.h"

namespace torchassay {

bool NamesModel(std::string_view wanted, std::string_view path) {
  while (wanted.starts_with("./")) wanted.remove_prefix(2);
  while (wanted.size() > 1 && wanted.ends_with('/')) wanted.remove_suffix(1);
  if (wanted.empty() || !path.ends_with(wanted)) return false;
  return path.size() == wanted.size() || (path[path.size() - wanted.size() - 1] == '/' && !wanted.starts_with('/'));
}

bool SameModel(std::string_view a, std::string_view b) { return a == b || NamesModel(a, b) || NamesModel(b, a); }

}  // namespace torchassay
