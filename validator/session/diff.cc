#include "validator/session/diff.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "validator/base/strings.h"
#include "validator/session/model_file.h"
#include "validator/session/weight_diff.h"

namespace torchassay {
namespace {

// A file in which anything is wrong: what of it could be compared nobody knows.
Result<ModelFile> OpenSide(const std::string& path) {
  Result<ModelFile> file = OpenModelFile(path);
  if (!file.ok()) return file;
  for (const Finding& finding : file->archive.findings) {
    if (finding.severity != Severity::kError) continue;
    return Status(StatusCode::kUnreadable, finding.code, Quote(file->name) + ": " + finding.message, finding.help);
  }
  return file;
}

using Texts = std::map<std::string, std::string>;

// What differs between two lists of names with a text each.
std::vector<TextChange> Compare(const Texts& before, const Texts& after) {
  std::vector<TextChange> changes;
  for (const auto& [name, text] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      changes.push_back({Change::kRemoved, name, text, ""});
    } else if (found->second != text) {
      changes.push_back({Change::kChanged, name, text, found->second});
    }
  }
  for (const auto& [name, text] : after) {
    if (before.count(name) == 0) changes.push_back({Change::kAdded, name, "", text});
  }
  std::sort(changes.begin(), changes.end(), [](const TextChange& a, const TextChange& b) { return a.name < b.name; });
  return changes;
}

Texts Signatures(const ArchiveSummary& archive) {
  Texts texts;
  const ClassCode* root = archive.FindClass(archive.modules.front().type);
  if (root == nullptr) return texts;
  for (const Method& method : root->methods) texts[method.name] = method.Schema();
  return texts;
}

std::string PathOf(const ModuleNode& node) { return node.path.empty() ? "(root)" : node.path; }

Texts Modules(const ArchiveSummary& archive) {
  Texts texts;
  for (const ModuleNode& node : archive.modules) {
    texts[PathOf(node)] = DemangledName(node.type) + (node.shares.empty() ? "" : ", the same as " + node.shares);
  }
  return texts;
}

Texts Attributes(const ArchiveSummary& archive) {
  Texts texts;
  for (const ModuleNode& node : archive.modules) {
    const std::string prefix = node.path.empty() ? "" : node.path + ".";
    if (node.training) texts[prefix + "training"] = *node.training ? "True" : "False";
    for (const Attribute& attribute : node.attributes) texts[prefix + attribute.name] = attribute.value;
  }
  return texts;
}

Texts Operators(const ArchiveSummary& archive) {
  Texts texts;
  for (const OperatorUse& use : archive.operators) texts[use.name] = std::to_string(use.count);
  return texts;
}

// The code of each method under the path of its first module; what only a counter in a name tells apart is equal.
Texts Codes(const ArchiveSummary& archive) {
  Texts texts;
  std::map<std::string, bool> seen;
  for (const ModuleNode& node : archive.modules) {
    const ClassCode* code = archive.FindClass(node.type);
    if (code == nullptr || !seen.emplace(node.type, true).second) continue;
    for (const Method& method : code->methods) {
      texts[(node.path.empty() ? "" : node.path + ".") + method.name] = DemangledName(method.code);
    }
  }
  for (const Method& function : archive.functions) texts[DemangledName(function.name)] = DemangledName(function.code);
  return texts;
}

std::pair<std::string, std::string> FirstDifference(const std::string& before, const std::string& after) {
  std::size_t same = 0;
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t line = 0;
  for (; same < shorter && before[same] == after[same]; ++same) {
    if (before[same] == '\n') line = same + 1;
  }
  const auto line_at = [&](const std::string& text) {
    const std::size_t start = std::min(text.find_first_not_of(' ', line), text.size());
    return text.substr(start, text.find('\n', start) - start);
  };
  return {line_at(before), line_at(after)};
}

// Of a changed method only the first line that differs is kept; of an added or removed one, none.
std::vector<TextChange> CodeChanges(const ArchiveSummary& before, const ArchiveSummary& after) {
  std::vector<TextChange> changes = Compare(Codes(before), Codes(after));
  for (TextChange& change : changes) {
    if (change.change == Change::kChanged) {
      std::tie(change.before, change.after) = FirstDifference(change.before, change.after);
    } else {
      change.before = change.after = "";
    }
  }
  return changes;
}

}  // namespace

Result<ModelDiff> Diff(const DiffOptions& options) {
  const Result<ModelFile> before = OpenSide(options.old_path);
  if (!before.ok()) return before.status();
  const Result<ModelFile> after = OpenSide(options.new_path);
  if (!after.ok()) return after.status();
  const ArchiveSummary& old_archive = before->archive;
  const ArchiveSummary& new_archive = after->archive;

  ModelDiff diff;
  diff.old_name = before->name;
  diff.new_name = after->name;
  diff.signature = Compare(Signatures(old_archive), Signatures(new_archive));
  diff.modules = Compare(Modules(old_archive), Modules(new_archive));
  diff.attributes = Compare(Attributes(old_archive), Attributes(new_archive));
  diff.operators = Compare(Operators(old_archive), Operators(new_archive));
  diff.code = CodeChanges(old_archive, new_archive);
  Status status = CompareWeights(before->model_path, old_archive, after->model_path, new_archive, diff);
  if (!status.ok()) return status;
  return diff;
}

}  // namespace torchassay
