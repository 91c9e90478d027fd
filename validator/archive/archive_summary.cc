#include "validator/archive/archive_summary.h"

#include <algorithm>

namespace torchassay {

const char* ArchiveKindName(ArchiveKind kind) {
  switch (kind) {
    case ArchiveKind::kTraced: return "traced";
    case ArchiveKind::kScripted: return "scripted";
    case ArchiveKind::kFrozen: return "frozen";
    case ArchiveKind::kMobile: return "mobile";
  }
  return "";
}

const ClassCode* ArchiveSummary::FindClass(const std::string& name) const {
  const auto at = std::lower_bound(classes.begin(), classes.end(), name,
                                   [](const ClassCode& code, const std::string& wanted) { return code.name < wanted; });
  return at != classes.end() && at->name == name ? &*at : nullptr;
}

const ModuleNode* ArchiveSummary::FindModule(const std::string& path) const {
  for (const ModuleNode& node : modules) {
    if (node.path == path) return &node;
  }
  return nullptr;
}

const Method* ArchiveSummary::FindMethod(const std::string& name) const {
  const ClassCode* root = modules.empty() ? nullptr : FindClass(modules.front().type);
  return root == nullptr ? nullptr : root->FindMethod(name);
}

}  // namespace torchassay
