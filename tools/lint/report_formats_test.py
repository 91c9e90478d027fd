"""The golden files of the reports: accepted by their schemas, and of one opinion."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

CHECKOUT = Path(__file__).resolve().parents[2]
GOLDEN = CHECKOUT / "testdata" / "golden"
PUBLISHED = CHECKOUT / "tools" / "third_party"


def golden(name: str) -> str:
    return (GOLDEN / name).read_text()


RESULT = json.loads(golden("report.json"))


@pytest.mark.parametrize("name", ["report", "policy"])
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((CHECKOUT / "docs" / f"{name}.schema.json").read_text()))


def test_the_json_is_accepted_by_its_schema() -> None:
    schema = json.loads((CHECKOUT / "docs" / "report.schema.json").read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(RESULT)] == []


def test_the_policy_of_the_documentation_is_accepted_by_its_schema() -> None:
    schema = json.loads((CHECKOUT / "docs" / "policy.schema.json").read_text())
    page = (CHECKOUT / "docs" / "policy.md").read_text()
    policies = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    assert policies
    for policy in policies:
        Draft202012Validator(schema).validate(policy)


def test_the_junit_is_accepted_by_the_schema_of_jenkins() -> None:
    schema = PUBLISHED / "junit" / "junit-10.xsd"
    command = ["xmllint", "--noout", "--nonet", "--schema", schema, GOLDEN / "report.xml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_sarif_is_accepted_by_the_published_schema() -> None:
    schema = json.loads((PUBLISHED / "sarif" / "sarif-2.1.0.json").read_text())
    assert [error.message for error in Draft7Validator(schema).iter_errors(json.loads(golden("report.sarif")))] == []


def test_json_has_one_key_for_all_that_changes() -> None:
    without_time = json.dumps({key: value for key, value in RESULT.items() if key != "time"})
    assert "created" not in without_time
    assert "_ms" not in without_time


def test_all_formats_agree_on_the_verdict() -> None:
    verdict = RESULT["verdict"]
    assert json.loads(golden("report.sarif"))["runs"][0]["properties"]["verdict"] == verdict
    assert golden("report.md").startswith("## ")
    assert f": {verdict}\n" in golden("report.md").split("\n\n")[0] + "\n"
    assert f"1 {verdict}" in golden("report.txt").splitlines()[0]
    assert f'<body data-verdict="{verdict}">' in golden("report.html")
    for model in RESULT["models"]:
        assert f'data-verdict="{model["verdict"]}"' in golden("report.html")


def test_junit_fails_exactly_the_models_that_fail() -> None:
    suites = ET.fromstring(golden("report.xml")).findall("testsuite")
    failed = {s.get("name") for s in suites if s.get("failures") != "0" or s.get("errors") != "0"}
    wanted = {model["name"] for model in RESULT["models"] if model["verdict"] != "passed"}
    assert failed - {"torchassay validate"} == wanted
    for suite in suites:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors", "")) == len(suite.findall("testcase/error"))


def test_sarif_has_every_finding_and_a_rule_for_each_code() -> None:
    run = json.loads(golden("report.sarif"))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [result["ruleId"] for result in run["results"]] == [f["code"] for f in RESULT["findings"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    region = run["results"][1]["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == RESULT["findings"][1]["line"]
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == RESULT["findings"][1]["source"]["path"]


def test_the_page_asks_for_nothing_from_the_network() -> None:
    page = golden("report.html")
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    assert "url(" not in page
    assert "default-src 'none'" in page
