"""What is made of a run: six formats with one opinion, annotations, and one report of many results.

reports_test.py PROGRAM RUNNER FIXTURES
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

from computed_case import DIVERGENCE, ComputedTest
from program_case import PROGRAM

FORMATS = ("json", "junit", "sarif", "markdown", "html")
SOURCE = "class M:\n    def forward(self, x):\n        if x.sum() > 0:\n            return x\n        return -x\n"
GITHUB = {"GITHUB_ACTIONS": "true"}


def verdict_of_junit(text: str) -> str:
    """What a CI server would say: an error is told from a failure, and its type says what kind."""
    problems = [problem for problem in ET.fromstring(text).findall(".//testcase/*") if problem.tag != "skipped"]
    codes = {problem.get("type") for problem in problems}
    if not problems:
        return "passed"
    if {problem.tag for problem in problems} == {"failure"}:
        return "failed"
    return "crashed" if "TA502" in codes else "nothing checked" if "TA408" in codes else "not done"


def matched(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


class AgreementTest(ComputedTest):
    def verdicts(self) -> dict[str, str]:
        text = {name: (self.folder / name).read_text() for name in FORMATS}
        return {
            "text": matched(r"^(.+?)   ", self.out),
            "json": json.loads(text["json"])["verdict"],
            "junit": verdict_of_junit(text["junit"]),
            "sarif": json.loads(text["sarif"])["runs"][0]["properties"]["verdict"],
            "markdown": text["markdown"].splitlines()[0].rpartition(": ")[2],
            "html": matched('<body data-verdict="([^"]*)"', text["html"]),
        }

    def expect_agreement(self, status: int, verdict: str, name: str) -> None:
        self.expect(status, ["validate", name, *(f"--{kind}={kind}" for kind in FORMATS)])
        self.assertEqual(self.verdicts(), dict.fromkeys(("text", *FORMATS), verdict))

    def test_a_pass(self) -> None:
        self.expect_agreement(0, "passed", self.case_bundle("a.assay"))

    def test_a_failure(self) -> None:
        self.expect_agreement(1, "failed", self.case_bundle("a.assay", off_by=0.5))

    def test_a_proved_divergence(self) -> None:
        self.expect_agreement(1, "failed", self.case_bundle("a.assay", findings=[DIVERGENCE]))

    def test_nothing_checked(self) -> None:
        self.expect_agreement(3, "nothing checked", self.case_bundle("a.assay", cases=[]))

    def test_a_stale_file(self) -> None:
        name = self.case_bundle("a.assay")
        self.write("a.assay/cases/0.safetensors", b"other")
        self.expect_agreement(2, "not done", name)

    def test_a_crash(self) -> None:
        self.expect_agreement(5, "crashed", self.case_bundle("a.assay", fixture="segfaults.pt"))

    def test_two_runs_differ_under_one_key(self) -> None:
        names = [self.case_bundle("a.assay", findings=[DIVERGENCE]), self.case_bundle("b.assay", off_by=0.5)]
        first, second = self.result(*names), self.result(*names)
        self.assertEqual(len(first.pop("time")["models"]), 2)
        second.pop("time")
        self.assertEqual(json.dumps(first), json.dumps(second))
        self.assertNotIn(str(self.folder), json.dumps(first))


class ReportTest(ComputedTest):
    def test_it_ends_as_one_run_with_all_results_would_have(self) -> None:
        for name, off_by in (("good", 0.0), ("bad", 0.5)):
            self.run_program("validate", self.case_bundle(f"{name}.assay", off_by=off_by), "--json", f"{name}.json")
        self.expect(0, ["report", "good.json", "--html", "page.html"], "passed   good.assay")
        self.expect(
            1, ["report", "good.json", "bad.json", "--html", "page.html", "--json", "all.json"], "2 models: 1 failed, 1 passed"
        )
        self.assertEqual([model["name"] for model in self.parsed("all.json")["models"]], ["good.assay", "bad.assay"])
        self.expect(1, ["report", "all.json", "--html", "again.html"])

    def test_a_result_is_not_believed_to_be_better_than_its_models(self) -> None:
        self.run_program("validate", self.case_bundle("bad.assay", off_by=0.5), "--json", "bad.json")
        claimed = self.parsed("bad.json")
        claimed["verdict"] = "passed"
        self.write("claimed.json", json.dumps(claimed))
        self.expect(1, ["report", "claimed.json", "--html", "page.html"], "failed   bad.assay")
        claimed["models"], claimed["findings"] = [], []
        self.write("empty.json", json.dumps(claimed))
        self.run_program("validate", self.case_bundle("good.assay"), "--json", "good.json")
        self.expect(3, ["report", "good.json", "empty.json", "--html", "page.html"])

    def test_output_that_is_lost_is_no_success(self) -> None:
        name = self.case_bundle("good.assay")
        command = [PROGRAM, "diff", name, name, "--json"]
        with Path("/dev/full").open("w") as full:
            lost = subprocess.run(command, cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((lost.returncode, lost.stderr), (2, "error: cannot write to the standard output\n"))

    def test_wrong_words(self) -> None:
        self.write("good.json", "{}")
        self.expect(4, ["report", "good.json"], "`report` needs `--html FILE`")
        self.expect(4, ["report", "good.json", "good.json", "--html", "page.html"], "is given twice")

    def test_what_is_no_result_is_named(self) -> None:
        self.write("other.json", '{"schema_version": 1,\n "faithful": true}')
        shown = self.expect(2, ["report", "other.json", "--html", "page.html"], "`other.json` line 1, column 1", "^")
        self.assertIn("`command` is missing", shown)
        self.write("newer.json", '{"schema_version": 9}')
        self.expect(2, ["report", "newer.json", "--html", "page.html"], "error[TA212]", "newer version")
        self.assertFalse((self.folder / "page.html").exists())

    def test_latency_joins_the_model_that_was_validated(self) -> None:
        name = self.case_bundle("a.assay")
        self.expect(0, ["validate", name, "--json", "result.json"])
        self.expect(0, ["bench", name, "--seconds", "0.1", "--json"])
        self.write("bench.json", self.out)
        self.expect(0, ["report", "result.json", "bench.json", "--html", "page.html", "--json", "all.json"])
        (measured,) = self.parsed("all.json")["time"]["models"]
        self.assertGreater(len(measured["latency"]["samples_ms"]), 5)
        self.assertIn('<svg class="latency"', (self.folder / "page.html").read_text())


class AnnotationTest(ComputedTest):
    def diverging(self) -> str:
        self.write("models/m.py", SOURCE)
        digest = hashlib.sha256(SOURCE.encode()).hexdigest()
        source = {"model": "m.py:M", "file": "m.py", "sha256": digest, "kwargs": {}, "weights": None, "method": "forward"}
        return self.case_bundle("out/a.assay", findings=[DIVERGENCE], source=source)

    def test_a_workflow_gets_the_line_of_the_source(self) -> None:
        name = self.diverging()
        self.run_program("validate", name, environment=GITHUB)
        line = "::error title=TA101 (value-branch) in a.assay,file=models/m.py,line=3,col=9::`x.sum() > 0` is decided once%0A"
        self.assertIn(line, self.out)

    def test_nobody_else_does(self) -> None:
        name = self.diverging()
        self.assertNotIn("::error", self.run_program("validate", name))
        self.assertNotIn("::error", self.run_program("validate", name, environment={"GITHUB_ACTIONS": "false"}))

    def test_they_can_be_turned_off_and_on(self) -> None:
        name = self.diverging()
        self.assertNotIn("::error", self.run_program("validate", name, "--annotations", "never", environment=GITHUB))
        self.assertIn("::error", self.run_program("validate", name, "--annotations", "always"))
        wrong = ["validate", name, "--annotations", "sometimes"]
        self.expect(4, wrong, "expected `auto`, `always` or `never`, got `sometimes`")

    def test_a_file_on_the_output_stays_clean(self) -> None:
        self.run_program("validate", self.diverging(), "--json", "-", environment=GITHUB)
        self.assertEqual(json.loads(self.out)["verdict"], "failed")
        self.assertIn("::error", self.err)

    def test_sarif_has_the_same_place(self) -> None:
        self.run_program("validate", self.diverging(), "--sarif", "sarif.json")
        (result,) = (r for r in self.parsed("sarif.json")["runs"][0]["results"] if r["ruleId"] == "TA101")
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "models/m.py")
        self.assertEqual(place["region"]["startLine"], 3)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
