"""Results as large as a page has to bear, made of the golden one."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parents[2] / "testdata" / "golden" / "report.json"
OUTPUTS_A_CASE = 250
FAILS_EVERY = 50  # outputs

Json = dict[str, Any]


def outputs_that(passed: bool) -> Json:
    """Returns an output of the golden result that has been compared."""
    result = json.loads(GOLDEN.read_text())
    for model in result["models"]:
        for case in model["cases"]:
            for output in case["outputs"]:
                if output["passed"] == passed and output["comparison"]:
                    return dict(output)
    raise ValueError("the golden result has no such output")


def cases_of(outputs: int, *, fails: bool) -> list[Json]:
    """Returns cases with so many outputs in all, every fiftieth of which fails where any is to fail."""
    good, bad = outputs_that(True), outputs_that(False)
    made = [
        (bad if fails and i % FAILS_EVERY == 7 else good) | {"path": f"output.hidden_states[{i}]"} for i in range(outputs)
    ]
    parts = [made[i : i + OUTPUTS_A_CASE] for i in range(0, outputs, OUTPUTS_A_CASE)]
    return [
        {"name": f"sampled-{i}", "kind": "sampled", "passed": all(o["passed"] for o in part), "outputs": part}
        for i, part in enumerate(parts)
    ]


def result_of(models: int, outputs: int) -> Json:
    """Returns a result of so many models, each with so many outputs; every tenth fails, and a single one does."""
    result = json.loads(GOLDEN.read_text())
    passed, failed = result["models"][0], result["models"][1]
    findings = [finding for finding in result["findings"] if finding["model"] == failed["name"]]
    result["models"], result["findings"], result["time"]["models"] = [], [], []
    for i in range(models):
        fails = i % 10 == 0
        name = f"team-{i % 7}/model-{i}.assay"
        result["models"].append(copy.deepcopy(failed if fails else passed) | {"name": name, "cases": cases_of(outputs, fails=fails)})
        result["findings"] += [finding | {"model": name} for finding in findings if fails]
    result["verdict"] = "failed"
    return result
