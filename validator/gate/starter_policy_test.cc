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
  REQUIRE(policy->budgets.size() == 2);
  CHECK(policy->budgets[0].model == "resnet18.assay");
  CHECK(policy->budgets[0].model_bytes == 52000000);
  CHECK(policy->budgets[0].peak_bytes == 350000000);
  CHECK(policy->budgets[0].case_ms == 150);
  CHECK(policy->waivers.empty());
}

TEST_CASE("what fails is offered as waivers, in a comment") {
  const std::string text = StarterPolicy(FixtureReport());
  CHECK_THAT(text, Catch::Contains(
                       R"({"code": "TA101", "model": "my <module> & co.assay", "file": "my_module.py", )"
                       R"("function": "MyModule.forward", "line": 12, "reason": "", "owner": "", "expires": ""})"));
  CHECK_THAT(text, !Catch::Contains(R"("code": "TA502")"));
}

TEST_CASE("an empty result still gives a policy") { CHECK(ParsePolicy(StarterPolicy(Report()), "policy.json").ok()); }

}  // namespace
}  // namespace torchassay
