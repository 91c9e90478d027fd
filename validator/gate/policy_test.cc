#include "validator/gate/policy.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

Policy Parsed(const std::string& text) {
  Result<Policy> policy = ParsePolicy(text, "policy.json");
  REQUIRE(policy.status().ToString() == Status().ToString());
  return *policy;
}

std::string Complaint(const std::string& text) { return ParsePolicy(text, "policy.json").status().ToString(); }

TEST_CASE("an empty policy fails what is proved") {
  const Policy policy = Parsed(R"({"schema_version": 1})");
  CHECK(policy.failing_verdicts == std::vector{Verdict::kProved});
  CHECK(policy.waivers.empty());
}

TEST_CASE("a policy says all that it can say") {
  const Policy policy = Parsed(R"({
    "//": "ours",
    "schema_version": 1,
    "tolerances": [{"output": "logits", "dtype": "f32", "rtol": 1e-4, "atol": 1e-5}],
    "fail": {"verdicts": ["proved", "possible"], "codes": ["TA2", "TA107"]},
    "budgets": {"case_ms": 50, "model_bytes": 50000000},
    "waivers": [{"code": "TA101", "model": "a.assay", "line": 12, "reason": "never taken", "owner": "ann",
                 "expires": "2028-02-29"}]})");
  REQUIRE(policy.tolerances.size() == 1);
  CHECK(policy.tolerances[0].tolerance == Tolerance{1e-4, 1e-5});
  CHECK(policy.failing_verdicts == std::vector{Verdict::kProved, Verdict::kPossible});
  CHECK(policy.failing_codes == std::vector<std::string>{"TA2", "TA107"});
  CHECK(policy.budgets.case_ms == 50);
  CHECK(policy.budgets.model_bytes == 50000000);
  REQUIRE(policy.waivers.size() == 1);
  CHECK(policy.waivers[0].line == 12);
}

TEST_CASE("a key that is not known is named, with its line, a caret and the nearest right one") {
  const std::string text = Complaint("{\"schema_version\": 1,\n \"wavers\": []}");
  CHECK_THAT(text, Catch::StartsWith("error[TA607]: `policy.json` line 2, column "));
  CHECK_THAT(text, Catch::Contains("unknown key `wavers`"));
  CHECK_THAT(text, Catch::Contains("^"));
  CHECK_THAT(text, Catch::Contains("= help: did you mean `waivers`?"));
}

TEST_CASE("wrong values are refused") {
  CHECK_THAT(Complaint("{"), Catch::StartsWith("error[TA607]: `policy.json` line 1"));
  CHECK_THAT(Complaint(R"({"schema_version": 9})"), Catch::Contains("written for a newer version of torchassay"));
  CHECK_THAT(Complaint(R"({"schema_version": 1, "waivers": [{"code": "TA101", "expires": "2027-02-29"}]})"),
             Catch::Contains("must be a date such as `2027-01-31`"));
  CHECK_THAT(Complaint(R"({"schema_version": 1, "waivers": [{"code": "TA999"}]})"),
             Catch::Contains("`TA999` is no code of the catalogue"));
  CHECK_THAT(Complaint(R"({"schema_version": 1, "tolerances": [{"dtype": "f31", "rtol": 0, "atol": 0}]})"),
             Catch::Contains("must be a dtype"));
  CHECK_THAT(Complaint(R"({"schema_version": 1, "tolerances": [{"rtol": -1, "atol": 0}]})"),
             Catch::Contains("must be a finite number, 0 or more"));
  CHECK_THAT(Complaint(R"({"schema_version": 1, "fail": {"verdicts": ["failed"]}})"),
             Catch::Contains("must be `proved`, `possible`, `repaired` or `dismissed`"));
  CHECK_THAT(Complaint(R"({"schema_version": 1, "fail": {"codes": ["TA9"]}})"),
             Catch::Contains("`TA9` is no code of the catalogue"));
}

TEST_CASE("nothing that left nothing to accept can be waived") {
  for (const char* code : {"TA408", "TA213", "TA502", "TA505"}) CHECK_FALSE(CanBeWaived(code));
  for (const char* code : {"TA101", "TA401", "TA604", "TA605"}) CHECK(CanBeWaived(code));
  for (const char* code : {"TA601", "TA602", "TA603"}) CHECK_FALSE(CanBeWaived(code));
  CHECK_THAT(Complaint(R"({"schema_version": 1, "waivers": [{"code": "TA408", "reason": "x"}]})"),
             Catch::Contains("`TA408` cannot be waived"));
}

}  // namespace
}  // namespace torchassay
