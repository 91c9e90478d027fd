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
  REQUIRE(policy.budgets.size() == 1);
  CHECK(policy.budgets[0].case_ms == 50);
  CHECK(policy.budgets[0].model_bytes == 50000000);
  REQUIRE(policy.waivers.size() == 1);
  CHECK(policy.waivers[0].line == 12);
}

TEST_CASE("budgets are for all models or a list for some") {
  const Policy policy =
      Parsed(R"({"schema_version": 1, "budgets": [{"model": "a.assay", "p99_ms": 5}, {"case_ms": 50}]})");
  REQUIRE(policy.budgets.size() == 2);
  CHECK(policy.budgets[0].model == "a.assay");
  CHECK(policy.budgets[0].p99_ms == 5);
  CHECK(policy.budgets[1].model.empty());
}

TEST_CASE("a key that starts with // is a comment, whatever it holds") {
  const Policy policy = Parsed(R"({"//": "ours", "//why": ["a", 2], "schema_version": 1,
      "budgets": {"//ms": "on the slow machine", "case_ms": 50}})");
  CHECK(policy.budgets[0].case_ms == 50);
}

struct BadPolicy {
  const char* text;
  const char* complaint;
};

// Each with its whole message.
const BadPolicy kBadPolicies[] = {
    {R"({"schema_version": 1,
 "wavers": []})",
     R"(error[TA607]: `policy.json` line 2, column 12: unknown key `wavers`
   2 |  "wavers": []}
     |            ^
 = help: did you mean `waivers`?
)"},
    {R"({)",
     R"(error[TA607]: `policy.json` line 1, column 2: unexpected end of input; expected string literal
   1 | {
     |  ^
)"},
    {R"({"schema_version": "1"})",
     R"(error[TA607]: `policy.json` line 1, column 20: `schema_version` must be an integer, not the string `1`
   1 | {"schema_version": "1"}
     |                    ^
)"},
    {R"({})",
     R"(error[TA607]: `policy.json` line 1, column 1: the member `schema_version` is missing
   1 | {}
     | ^
)"},
    {R"({"schema_version": 9})",
     R"(error[TA212]: `policy.json` line 1, column 20: the policy was written for a newer version of torchassay
   1 | {"schema_version": 9}
     |                    ^
 = help: update torchassay
)"},
    {R"({"schema_version": 1,
 "waivers": [{"code": "TA101", "expires": "2027-02-29"}]})",
     R"(error[TA607]: `policy.json` line 2, column 43: `waivers[0].expires` must be a date such as `2027-01-31`, not the string `2027-02-29`
   2 |  "waivers": [{"code": "TA101", "expires": "2027-02-29"}]}
     |                                           ^
)"},
    {R"({"schema_version": 1,
 "waivers": [{"code": "TA999", "reason": "x"}]})",
     R"(error[TA607]: `policy.json` line 2, column 23: `TA999` is no code of the catalogue
   2 |  "waivers": [{"code": "TA999", "reason": "x"}]}
     |                       ^
 = help: `torchassay explain` knows them all
)"},
    {R"({"schema_version": 1,
 "waivers": [{"code": "TA408", "reason": "x"}]})",
     R"(error[TA607]: `policy.json` line 2, column 23: `TA408` cannot be waived
   2 |  "waivers": [{"code": "TA408", "reason": "x"}]}
     |                       ^
 = help: where nothing was read, run or compared there is nothing to accept
)"},
    {R"({"schema_version": 1,
 "waivers": [{"reason": "x"}]})",
     R"(error[TA607]: `policy.json` line 2, column 14: `waivers[0]` lacks the member `code`
   2 |  "waivers": [{"reason": "x"}]}
     |              ^
)"},
    {R"({"schema_version": 1,
 "waivers": {"code": "TA101"}})",
     R"(error[TA607]: `policy.json` line 2, column 13: `waivers` must be an array, not an object
   2 |  "waivers": {"code": "TA101"}}
     |             ^
)"},
    {R"({"schema_version": 1,
 "tolerances": [{"dtype": "f31", "rtol": 0, "atol": 0}]})",
     R"(error[TA607]: `policy.json` line 2, column 27: `tolerances[0].dtype` must be a dtype of the input-spec grammar, such as `f32`, not the string `f31`
   2 |  "tolerances": [{"dtype": "f31", "rtol": 0, "atol": 0}]}
     |                           ^
)"},
    {R"({"schema_version": 1,
 "tolerances": [{"rtol": -1, "atol": 0}]})",
     R"(error[TA607]: `policy.json` line 2, column 26: `tolerances[0].rtol` must be a finite number, 0 or more, not -1
   2 |  "tolerances": [{"rtol": -1, "atol": 0}]}
     |                          ^
)"},
    {R"({"schema_version": 1,
 "tolerances": [{"rtol": 0}]})",
     R"(error[TA607]: `policy.json` line 2, column 17: `tolerances[0]` lacks the member `atol`
   2 |  "tolerances": [{"rtol": 0}]}
     |                 ^
)"},
    {R"({"schema_version": 1,
 "fail": {"verdicts": ["failed"]}})",
     R"(error[TA607]: `policy.json` line 2, column 24: `fail.verdicts[0]` must be `proved`, `possible`, `repaired` or `dismissed`, not the string `failed`
   2 |  "fail": {"verdicts": ["failed"]}}
     |                        ^
)"},
    {R"({"schema_version": 1,
 "fail": {"codes": ["TA9"]}})",
     R"(error[TA607]: `policy.json` line 2, column 21: `TA9` is no code of the catalogue
   2 |  "fail": {"codes": ["TA9"]}}
     |                     ^
 = help: `torchassay explain` knows them all
)"},
    {R"({"schema_version": 1,
 "budgets": {"case_ms": "fast"}})",
     R"(error[TA607]: `policy.json` line 2, column 25: `budgets.case_ms` must be a number, not the string `fast`
   2 |  "budgets": {"case_ms": "fast"}}
     |                         ^
)"},
    {R"({"schema_version": 1,
 "budgets": {"model_bytes": 1.5}})",
     R"(error[TA607]: `policy.json` line 2, column 29: `budgets.model_bytes` must be an integer, not 1.5
   2 |  "budgets": {"model_bytes": 1.5}}
     |                             ^
)"},
    {R"({"schema_version": 1,
 "budgets": {"peak_bytes": -1}})",
     R"(error[TA607]: `policy.json` line 2, column 28: `budgets.peak_bytes` must be a number of bytes, 0 or more, not -1
   2 |  "budgets": {"peak_bytes": -1}}
     |                            ^
)"},
    {R"({"schema_version": 1,
 "waivers": [{"code": "TA101", "reason": "x", "line": 0}]})",
     R"(error[TA607]: `policy.json` line 2, column 55: `waivers[0].line` must be a line number, 1 or more, not 0
   2 | …ivers": [{"code": "TA101", "reason": "x", "line": 0}]}
     |                                                    ^
)"},
    {R"({"schema_version": 1,
 // ours
 "waivers": []})",
     R"(error[TA607]: `policy.json` line 2, column 2: invalid literal
   2 |  // ours
     |  ^
 = help: JSON has no comments: write a key that starts with `//`, as in `"//why": "…"`
)"},
};

TEST_CASE("a malformed policy is answered with its line, a caret and what was expected") {
  for (const BadPolicy& bad : kBadPolicies) CHECK(Complaint(bad.text) + "\n" == bad.complaint);
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
