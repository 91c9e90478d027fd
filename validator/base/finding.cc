#include "validator/base/finding.h"

namespace torchassay {
namespace {

constexpr Severity kSeverities[] = {Severity::kError, Severity::kWarning, Severity::kNote};
constexpr Verdict kVerdicts[] = {Verdict::kProved, Verdict::kPossible, Verdict::kDismissed, Verdict::kRepaired,
                                 Verdict::kFailed};

}  // namespace

const char* SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return "";
}

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kProved: return "proved";
    case Verdict::kPossible: return "possible";
    case Verdict::kDismissed: return "dismissed";
    case Verdict::kRepaired: return "repaired";
    case Verdict::kFailed: return "failed";
  }
  return "";
}

std::optional<Severity> ParseSeverity(const std::string& name) {
  for (Severity severity : kSeverities) {
    if (name == SeverityName(severity)) return severity;
  }
  return std::nullopt;
}

std::optional<Verdict> ParseVerdict(const std::string& name) {
  for (Verdict verdict : kVerdicts) {
    if (name == VerdictName(verdict)) return verdict;
  }
  return std::nullopt;
}

}  // namespace torchassay
