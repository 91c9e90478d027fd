#include "validator/gate/starter_policy.h"

#include <catch2/catch.hpp>

#include "validator/gate/policy.h"
#include "validator/report/fixture_report.h"

namespace torchassay {
namespace {

TEST_CASE("a starting policy can be read back and fits what was measured") {
  const Report report = FixtureReport();
  Result<Policy> policy = ParsePolicy(StarterPolicy(report), "policy.json");
  REQUIRE(policy.status().ToString() == Status().ToString());
  REQUIRE(policy->tolerances.size() == 2);
  CHECK(policy->tolerances[0].output == "logits");
  CHECK(policy->tolerances[1].output == "output");
  CHECK(policy->tolerances[1].tolerance == Tolerance{1.3e-6, 1e-5});
  CHECK(policy->failing_verdicts == std::vector{Verdict::kProved});
  CHECK(policy->budgets.model_bytes.value() >= report.models[0].files[0].bytes);
  CHECK(policy->budgets.case_ms.value() >= 48.2);
  CHECK(policy->waivers.empty());
}

TEST_CASE("an empty result still gives a policy") {
  CHECK(ParsePolicy(StarterPolicy(Report()), "policy.json").ok());
}

}  // namespace
}  // namespace torchassay
