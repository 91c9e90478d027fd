#include "validator/report/model_verdict.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

Finding Of(const char* code, Verdict verdict, Severity severity = Severity::kError) {
  Finding finding;
  finding.code = code;
  finding.verdict = verdict;
  finding.severity = severity;
  return finding;
}

TEST_CASE("of several results the first of crashed, not done, failed, nothing checked and passed counts") {
  constexpr ModelVerdict kWorstFirst[] = {ModelVerdict::kCrashed, ModelVerdict::kNotDone, ModelVerdict::kFailed,
                                          ModelVerdict::kNothingChecked, ModelVerdict::kPassed};
  for (int worse = 0; worse < 5; ++worse) {
    for (int better = worse; better < 5; ++better) {
      CHECK(Worse(kWorstFirst[worse], kWorstFirst[better]) == kWorstFirst[worse]);
      CHECK(Worse(kWorstFirst[better], kWorstFirst[worse]) == kWorstFirst[worse]);
    }
  }
}

TEST_CASE("a code says what a model comes to") {
  CHECK(VerdictOfCode("TA101") == ModelVerdict::kFailed);
  CHECK(VerdictOfCode("TA203") == ModelVerdict::kNotDone);
  CHECK(VerdictOfCode("TA213") == ModelVerdict::kNotDone);
  CHECK(VerdictOfCode("TA301") == ModelVerdict::kFailed);
  CHECK(VerdictOfCode("TA309") == ModelVerdict::kNotDone);
  CHECK(VerdictOfCode("TA401") == ModelVerdict::kFailed);
  CHECK(VerdictOfCode("TA408") == ModelVerdict::kNothingChecked);
  CHECK(VerdictOfCode("TA501") == ModelVerdict::kFailed);
  CHECK(VerdictOfCode("TA502") == ModelVerdict::kCrashed);
  CHECK(VerdictOfCode("TA503") == ModelVerdict::kCrashed);
  CHECK(VerdictOfCode("TA504") == ModelVerdict::kCrashed);
  CHECK(VerdictOfCode("TA505") == ModelVerdict::kNotDone);
  CHECK(VerdictOfCode("TA604") == ModelVerdict::kFailed);
}

TEST_CASE("proved divergences and errors of checks fail, the rest does not") {
  CHECK(FailsByDefault(Of("TA101", Verdict::kProved)));
  CHECK(FailsByDefault(Of("TA401", Verdict::kFailed)));
  CHECK_FALSE(FailsByDefault(Of("TA101", Verdict::kPossible, Severity::kWarning)));
  CHECK_FALSE(FailsByDefault(Of("TA101", Verdict::kRepaired, Severity::kNote)));
  CHECK_FALSE(FailsByDefault(Of("TA409", Verdict::kFailed, Severity::kNote)));
}

TEST_CASE("a waived finding does not fail") {
  Finding finding = Of("TA101", Verdict::kProved);
  finding.waived = "the branch is never taken in production";
  CHECK_FALSE(FailsByDefault(finding));
}

TEST_CASE("a status becomes a finding with its own code, or the general one of its kind") {
  const Finding stale = FindingFromStatus(Status(StatusCode::kUnreadable, "TA213", "stale", "convert again"));
  CHECK(stale.code == "TA213");
  CHECK(stale.message == "stale");
  CHECK(stale.help == "convert again");
  CHECK(FindingFromStatus(Status(StatusCode::kNotFound, "no such file `a.pt`")).code == "TA214");
}

TEST_CASE("every verdict can be read back by its name") {
  for (const char* name : {"passed", "failed", "not done", "nothing checked", "crashed"}) {
    REQUIRE(ParseModelVerdict(name));
    CHECK(ModelVerdictName(*ParseModelVerdict(name)) == name);
  }
  CHECK_FALSE(ParseModelVerdict("fine"));
}

}  // namespace
}  // namespace torchassay
