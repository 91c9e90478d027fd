#include "validator/report/model_verdict.h"

#include <algorithm>
#include <array>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::array kVerdicts = {ModelVerdict::kPassed, ModelVerdict::kFailed, ModelVerdict::kNotDone,
                                  ModelVerdict::kNothingChecked, ModelVerdict::kCrashed};

// Later is worse.
constexpr std::array kByWeight = {ModelVerdict::kPassed, ModelVerdict::kNothingChecked, ModelVerdict::kFailed,
                                  ModelVerdict::kNotDone, ModelVerdict::kCrashed};

std::ptrdiff_t Weight(ModelVerdict verdict) {
  return std::find(kByWeight.begin(), kByWeight.end(), verdict) - kByWeight.begin();
}

// The general catalogue code of a failure that names none.
std::string CodeOf(StatusCode code) {
  switch (code) {
    case StatusCode::kNotFound: return "TA214";
    case StatusCode::kUnreadable: return "TA201";
    case StatusCode::kUnsupported: return "TA212";
    case StatusCode::kRefused: return "TA208";
    case StatusCode::kCrashed: return "TA502";
    case StatusCode::kOk:
    case StatusCode::kUsage:
    case StatusCode::kInternal: return "TA508";
  }
  return "TA508";
}

}  // namespace

std::string_view ModelVerdictName(ModelVerdict verdict) {
  switch (verdict) {
    case ModelVerdict::kPassed: return "passed";
    case ModelVerdict::kFailed: return "failed";
    case ModelVerdict::kNotDone: return "not done";
    case ModelVerdict::kNothingChecked: return "nothing checked";
    case ModelVerdict::kCrashed: return "crashed";
  }
  return "";
}

std::optional<ModelVerdict> ParseModelVerdict(std::string_view name) {
  for (ModelVerdict verdict : kVerdicts) {
    if (name == ModelVerdictName(verdict)) return verdict;
  }
  return std::nullopt;
}

ModelVerdict Worse(ModelVerdict a, ModelVerdict b) { return Weight(a) < Weight(b) ? b : a; }

ModelVerdict VerdictOfCode(std::string_view code) {
  constexpr std::array<std::string_view, 3> kDied = {"TA502", "TA503", "TA504"};
  constexpr std::array<std::string_view, 5> kCouldNot = {"TA309", "TA505", "TA506", "TA508", "TA607"};
  if (code == "TA408") return ModelVerdict::kNothingChecked;
  if (std::find(kDied.begin(), kDied.end(), code) != kDied.end()) return ModelVerdict::kCrashed;
  if (std::find(kCouldNot.begin(), kCouldNot.end(), code) != kCouldNot.end()) {
    return ModelVerdict::kNotDone;
  }
  return code.starts_with("TA2") ? ModelVerdict::kNotDone : ModelVerdict::kFailed;
}

bool FailsByDefault(const Finding& finding) {
  if (finding.waived && !IsBlank(*finding.waived)) return false;
  return finding.verdict == Verdict::kProved ||
         (finding.verdict == Verdict::kFailed && finding.severity == Severity::kError);
}

Finding FindingFromStatus(const Status& status) {
  Finding finding;
  finding.code = status.finding_code().empty() ? CodeOf(status.code()) : status.finding_code();
  finding.message = status.message();
  finding.help = status.help();
  return finding;
}

}  // namespace torchassay
