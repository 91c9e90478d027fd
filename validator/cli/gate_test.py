"""What a team decided, from outside: policies, budgets, waivers, baselines.

gate_test.py PROGRAM RUNNER FIXTURES
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import json
import sys
import unittest
from typing import Any

from computed_case import DIVERGENCE, SIZE, ComputedTest
from program_case import tensor_case


class PolicyTest(ComputedTest):
    def policy(self, **keys: object) -> list[str]:
        return ["--policy", self.write("policy.json", json.dumps({"schema_version": 1} | keys))]

    def test_a_tolerance_replaces_the_recorded_one(self) -> None:
        name = self.case_bundle("a.assay", off_by=0.5)
        self.expect(1, ["validate", name])
        wide = {"output": "output", "dtype": "f32", "rtol": 0, "atol": 1}
        self.expect(0, ["validate", name, *self.policy(tolerances=[wide])])
        self.expect(1, ["validate", name, *self.policy(tolerances=[wide | {"dtype": "f64"}])])
        self.expect(1, ["validate", name, *self.policy(tolerances=[wide | {"output": "logits"}])])

    def test_a_model_is_the_one_in_the_folders_that_the_policy_names(self) -> None:
        vision, text = (self.case_bundle(f"{folder}/net.assay", off_by=0.5) for folder in ("vision", "text"))
        wide = {"output": "output", "rtol": 0, "atol": 1}
        for model in ("net.assay", "vision/net.assay", f"{self.folder}/vision/net.assay"):
            self.expect(0, ["validate", vision, *self.policy(tolerances=[wide | {"model": model}])])
        self.expect(1, ["validate", vision, *self.policy(tolerances=[wide | {"model": "text/net.assay"}])])
        waived = self.policy(waivers=[{"code": "TA401", "model": "vision/net.assay", "reason": "known"}])
        self.expect(1, ["validate", text, *waived], "note[TA602]")
        both = ["validate", vision, text]
        self.expect(1, [*both, *self.policy(tolerances=[wide | {"model": "vision/net.assay"}])], "error[TA401]")
        for policy in (self.policy(tolerances=[wide | {"model": "net.assay"}]), self.policy(budgets=[{"model": "net.assay"}])):
            self.expect(2, [*both, *policy], "error[TA607]", "is 2 of these models: `text/net.assay`, `vision/net.assay`")

    def test_a_tolerance_for_one_dtype_is_none_for_another(self) -> None:
        name = self.case_bundle("a.assay", off_by=0.5)
        narrow = {"dtype": "i64", "rtol": 0, "atol": 1}
        self.expect(1, ["validate", name, *self.policy(tolerances=[narrow])], "error[TA401]")
        self.expect(0, ["validate", name, *self.policy(tolerances=[narrow, narrow | {"dtype": "f32"}])])

    def test_an_empty_name_of_a_file_is_no_file(self) -> None:
        for option in ("--policy", "--baseline", "--json"):
            self.expect(4, ["validate", "a.assay", option, ""], "an argument is empty")
        self.expect(4, ["validate", "a.assay", "--policy="], "`--policy=` gives no value")

    def test_verdicts_and_codes_that_fail(self) -> None:
        name = self.case_bundle("a.assay", findings=[DIVERGENCE | {"verdict": "possible", "severity": "warning"}])
        self.expect(0, ["validate", name])
        strict = self.policy(fail={"verdicts": ["proved", "possible"]})
        self.expect(1, ["validate", name, *strict], "the policy `policy.json` fails this")
        self.expect(1, ["validate", name, *self.policy(fail={"codes": ["TA1"]})])
        self.expect(0, ["validate", name, *self.policy(fail={"codes": ["TA107"]})])

    def test_budgets(self) -> None:
        name = self.case_bundle("a.assay")
        small = {"model_bytes": 10}
        self.expect(1, ["validate", name, *self.policy(budgets=small)], "error[TA605]", "budget       10 bytes")
        self.expect(1, ["validate", name, *self.policy(budgets=[{"case_ms": 0}])], "error[TA604]")
        self.expect(0, ["validate", name, *self.policy(budgets=[small | {"model": "b.assay"}])])

    def test_waivers(self) -> None:
        name = self.case_bundle("a.assay", findings=[DIVERGENCE])
        waiver = {"code": "TA101", "model": "a.assay", "line": 3, "reason": "never negative", "owner": "ann"}

        def expect(status: int, changes: dict[str, Any], *texts: str) -> None:
            self.expect(status, ["validate", name, *self.policy(waivers=[waiver | changes])], *texts)

        expect(0, {}, "waived: never negative (ann)")
        expect(0, {"expires": "2999-12-31"})
        expect(1, {"expires": "2020-01-01"}, "error[TA603]", "expired on 2020-01-01", "owner        ann")
        expect(1, {"reason": ""}, "error[TA601]")
        expect(1, {"line": 4}, "error[TA602]", "`line` is `4` in the waiver, `3` there")
        expect(1, {"model": "b.assay"}, "error[TA101]", "note[TA602]: 1 waiver is for models that were not validated")

    def test_only_a_policy_waives(self) -> None:
        name = self.case_bundle("a.assay", findings=[DIVERGENCE | {"waived": "yes"}])
        self.expect(1, ["validate", name], "error[TA101]")

    def test_the_clock_can_be_stopped_for_waivers(self) -> None:
        name = self.case_bundle("a.assay", findings=[DIVERGENCE])
        options = self.policy(waivers=[{"code": "TA101", "reason": "x", "expires": "2026-11-23"}])
        for epoch, status in (("1795478399", 0), ("1795478400", 1)):  # the last second of that day, and the first of the next
            self.run_program("validate", name, *options, environment={"SOURCE_DATE_EPOCH": epoch})
            self.assertEqual(self.status, status)

    def test_a_started_policy_fits_its_own_result_and_explains_itself(self) -> None:
        name = self.case_bundle("a.assay", off_by=0.5, findings=[DIVERGENCE])
        self.expect(1, ["validate", name, "--json", "result.json"])
        policy = self.expect(0, ["policy", "init", "result.json"], "A key that starts with // is a comment")
        self.write("policy.json", policy)
        self.expect(1, ["validate", name, "--policy", "policy.json"], "error[TA101]", "error[TA401]")
        accepted = json.loads(policy)
        accepted["tolerances"] += accepted["//to tolerate"]
        offered = [waiver for waiver in accepted["//to waive"] if waiver["code"] == "TA101"]
        accepted["waivers"] = [waiver | {"reason": "ours", "expires": "2999-12-31"} for waiver in offered]
        self.write("policy.json", json.dumps(accepted))
        self.expect(0, ["validate", name, "--policy", "policy.json"])

    def test_a_file_that_is_absent_or_no_policy(self) -> None:
        name = self.case_bundle("a.assay")
        self.expect(2, ["validate", name, "--policy", "absent.json"], "no such file `absent.json`")
        self.write("policy.json", '{"schema_version": 1,\n // ours\n "waivers": []}')
        self.expect(2, ["validate", name, "--policy", "policy.json"], "`policy.json` line 2", "JSON has no comments")


class BaselineTest(ComputedTest):
    AGAINST = ("--baseline", "baseline.json")

    def test_only_what_got_worse_fails(self) -> None:
        for name, off_by in (("better", 0.25), ("same", 0.5), ("worse", 1.0), ("clean", 0.0)):
            self.case_bundle(f"{name}/a.assay", off_by=off_by)
        self.expect(1, ["validate", "same/a.assay", "--json", "baseline.json"])
        self.expect(0, ["validate", "same/a.assay", *self.AGAINST], "baseline     1 no worse")
        self.expect(1, ["validate", "worse/a.assay", *self.AGAINST], "baseline     1 worse", "worse than in the baseline: 10")
        self.expect(0, ["validate", "better/a.assay", *self.AGAINST], "baseline     1 better; write the baseline anew")
        self.expect(0, ["validate", "clean/a.assay", *self.AGAINST], "baseline     1 gone; write the baseline anew")
        self.expect(0, ["validate", "clean/a.assay", "--json", "baseline.json"])
        self.expect(1, ["validate", "same/a.assay", *self.AGAINST], "baseline     1 new", "the baseline does not have this")

    def test_what_has_no_numbers_may_not_become_another_thing(self) -> None:
        def bundle(*, integer: int) -> str:
            expects = {"outputs": {"int": integer}}
            case = tensor_case("example", size=SIZE, expects=expects)
            return self.case_bundle("a.assay", cases=[case])

        self.expect(1, ["validate", bundle(integer=4), "--json", "baseline.json"], "error[TA406]")
        self.expect(3, ["validate", bundle(integer=4), *self.AGAINST], "no worse than in the baseline")  # nothing else is left
        self.expect(1, ["validate", bundle(integer=5), *self.AGAINST], "not as in the baseline")

    def test_a_nan_is_worse_than_a_number(self) -> None:
        self.case_bundle("finite/a.assay", off_by=0.5)
        self.case_bundle("nan/a.assay", off_by=float("nan"))
        self.expect(1, ["validate", "finite/a.assay", "--json", "baseline.json"])
        self.expect(1, ["validate", "nan/a.assay", *self.AGAINST], "the baseline does not have this")
        self.expect(1, ["validate", "nan/a.assay", "--json", "baseline.json"])
        self.expect(0, ["validate", "nan/a.assay", *self.AGAINST])

    def test_a_bundle_has_its_name_from_inside_as_well(self) -> None:
        self.case_bundle("a.assay", off_by=0.5)
        self.expect(1, ["validate", "a.assay/.", "--json", "result.json"], "failed   a.assay")
        self.assertEqual(self.parsed("result.json")["findings"][0]["model"], "a.assay")

    def test_a_case_or_a_model_that_is_gone(self) -> None:
        self.case_bundle("a.assay")
        self.case_bundle("b.assay")
        self.expect(0, ["validate", "a.assay", "b.assay", "--json", "baseline.json"])
        gone = "model `b.assay` of the baseline was not validated"
        self.expect(0, ["validate", "a.assay", *self.AGAINST], "note[TA606]", gone)
        manifest = self.parsed("a.assay/manifest.json")
        manifest["cases"][0]["name"] = "another"
        self.write("a.assay/manifest.json", json.dumps(manifest))
        self.expect(1, ["validate", "a.assay", *self.AGAINST], "error[TA606]: case `example` of the baseline is gone")

    def test_a_file_that_is_absent_or_no_result(self) -> None:
        name = self.case_bundle("a.assay")
        self.expect(2, ["validate", name, *self.AGAINST], "no such file `baseline.json`")
        self.write("baseline.json", '{"schema_version": 1}')
        self.expect(2, ["validate", name, *self.AGAINST], "`baseline.json` line 1, column 1")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
