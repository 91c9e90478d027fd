"""What a bundle expects and what passes for it: repeats, exceptions, and nothing at all.

expectations_test.py PROGRAM RUNNER FIXTURES
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import sys
import unittest
from typing import Any

from program_case import ProgramTest, tensor_case


def how(word: str) -> dict[str, str]:
    """The second argument of `misbehaves.pt`."""
    return {"str": word}


def raising(kind: str, message: str) -> dict[str, Any]:
    return {"raises": {"type": kind, "message": message}}


class ExpectationsTest(ProgramTest):
    def validate(self, *cases: dict[str, Any], mode: str = "script") -> dict[str, Any]:
        name = self.bundle_of("a.assay", "misbehaves.pt", list(cases), [1.0, 2.0])
        if mode != "script":
            manifest = self.folder / name / "manifest.json"
            manifest.write_text(manifest.read_text().replace('"mode_used": "script"', f'"mode_used": "{mode}"'))
        return self.result(name)

    def findings(self, result: dict[str, Any]) -> list[tuple[str, str]]:
        return [(found["code"], found["severity"]) for found in result["findings"]]

    def test_every_repeat_is_compared(self) -> None:
        """The model counts its calls: the first is off by one, so is none of a model that does not."""
        result = self.validate(tensor_case("steady", how("-"), size=2, repeat=3))
        self.assertEqual((self.status, self.findings(result)), (0, []))
        counting = tensor_case("counting", how("counts"), size=2, repeat=3)
        result = self.validate(counting)
        self.assertEqual((self.status, self.findings(result)), (1, [("TA401", "error")]))
        self.assertEqual(result["models"][0]["cases"][0]["outputs"][0]["path"], "output (repeat 1)")

    def test_a_repeat_that_raises_fails(self) -> None:
        result = self.validate(tensor_case("a", how("raises"), size=2, repeat=2))
        self.assertEqual((self.status, self.findings(result)), (1, [("TA501", "error")]))
        self.assertIn("(repeat 1)", result["findings"][0]["message"])

    def test_the_expected_exception_passes(self) -> None:
        case = tensor_case("a", how("raises"), size=2, expects=raising("ValueError", "negative input"), repeat=2)
        self.assertEqual(self.findings(self.validate(case)), [])
        self.assertEqual(self.status, 0)

    def test_an_exception_that_does_not_come_fails(self) -> None:
        result = self.validate(tensor_case("a", how("-"), size=2, expects=raising("ValueError", "negative input")))
        self.assertEqual((self.status, self.findings(result)), (1, [("TA410", "error")]))
        self.assertIn("the reference raised ValueError: negative input", result["findings"][0]["message"])

    def test_an_exception_of_another_class_fails(self) -> None:
        result = self.validate(tensor_case("a", how("raises"), size=2, expects=raising("KeyError", "negative input")))
        self.assertEqual((self.status, self.findings(result)), (1, [("TA410", "error")]))
        self.assertEqual(
            [(line["label"], line["text"]) for line in result["findings"][0]["evidence"]],
            [("expected", "KeyError: negative input"), ("raised", "ValueError: negative input")],
        )

    def test_the_same_class_in_other_words_is_a_warning(self) -> None:
        result = self.validate(tensor_case("a", how("raises"), size=2, expects=raising("ValueError", "too many rows")))
        self.assertEqual((self.status, self.findings(result)), (0, [("TA410", "warning")]))

    def test_an_operator_that_refuses_in_place_of_a_raise(self) -> None:
        """A script keeps `raise ValueError`; a trace cannot, and its refusal says nothing about the model."""
        case = tensor_case("a", how("refuses"), size=2, expects=raising("ValueError", "expected seven columns"))
        result = self.validate(case)
        self.assertEqual((self.status, self.findings(result)), (1, [("TA410", "error")]))
        result = self.validate(case, mode="trace")
        self.assertEqual((self.status, self.findings(result)), (3, [("TA410", "warning"), ("TA408", "error")]))
        result = self.validate(case, tensor_case("b", how("-"), size=2), mode="trace")
        self.assertEqual((self.status, self.findings(result)), (0, [("TA410", "warning")]))

    def test_the_result_names_the_libtorch_that_ran(self) -> None:
        result = self.validate(tensor_case("a", how("-"), size=2))
        self.assertRegex(result["environment"]["torch_version"], r"^\d+\.\d+")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
