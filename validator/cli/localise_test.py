"""`validate --localise`: which submodule differs first, by recorded outputs or beside another model.

localise_test.py PROGRAM RUNNER FIXTURES
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import hashlib
import json
import sys
import unittest

from program_case import ANY_SIGNATURE, FIXTURES, ProgramTest, floats, safetensors, tensor_case

# What `pipeline.pt` computes of [1, 2], in the order in which its submodules finish.
RECORDS = {
    ("inner.0", 0): [[2.0, 4.0]],
    ("inner.1", 0): [[6.0, 12.0]],
    ("inner", 0): [[6.0, 12.0]],
    ("split", 0): [[7.0, 13.0], [5.0, 11.0]],
    ("last", 0): [[7.0, 13.0]],
    ("last", 1): [[5.0, 11.0]],
}
OUTPUT = [12.0, 24.0]
Records = dict[tuple[str, int], list[list[float]]]


class LocaliseTest(ProgramTest):
    def pipeline(self, fixture: str, records: Records, output: list[float]) -> str:
        """A bundle around a model of the family that expects `records` of its submodules, and `output`."""
        tensors = {"input.x": floats(1, 2), "output": floats(*output)}
        entries = []
        for (path, call), values in records.items():
            names = [f"submodule.{path}#{call}.output" + (f"[{i}]" if len(values) > 1 else "") for i in range(len(values))]
            tensors |= {name: floats(*value) for name, value in zip(names, values, strict=True)}
            leaves = [{"tensor": name, "dtype": "f32", "shape": [2]} for name in names]
            entries.append({"path": path, "call": call, "output": {"tuple": leaves} if len(leaves) > 1 else leaves[0]})
        data, model = safetensors(tensors), (FIXTURES / fixture).read_bytes()
        files = [
            {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for path, content in (("model.pt", model), ("cases/0.safetensors", data))
        ]
        case = tensor_case("one", size=2, submodules=entries)
        self.bundle("a.assay", model, cases=[case], files=files, signature=ANY_SIGNATURE)
        self.write("a.assay/cases/0.safetensors", data)
        return "a.assay"

    def facts(self, name: str, *options: str) -> list[tuple[str, str]]:
        """What localising adds to the report: label and text."""
        model = self.result(name, *options)["models"][0]
        return [(fact["label"], fact["text"]) for fact in model["facts"]]

    def test_a_changed_weight_deep_inside(self) -> None:
        name = self.pipeline("pipeline_changed.pt", RECORDS, OUTPUT)
        self.assertEqual(
            self.facts(name, "--localise"),
            [
                ("starts at", "`inner.1` (Scale): 2 of 2 elements (100 %), largest error 4.0e+00"),
                ("agrees until", "`inner.0` (Scale)"),
            ],
        )
        shown = self.expect(1, ["validate", name, "--localise"], "starts at", "agrees until")
        self.assertNotIn("error[TA4", shown.replace("error[TA401]", ""))

    def test_a_model_that_passes_is_not_searched(self) -> None:
        self.assertEqual(self.facts(self.pipeline("pipeline.pt", RECORDS, OUTPUT), "--localise"), [])
        self.assertEqual(self.status, 0)

    def test_the_second_call_of_a_submodule(self) -> None:
        name = self.pipeline("pipeline.pt", RECORDS | {("last", 1): [[5.0, 10.0]]}, [12.0, 23.0])
        starts, agrees = self.facts(name, "--localise")
        self.assertEqual(starts, ("starts at", "`last` (Scale), call 2: 1 of 2 elements (50 %), largest error 1.0e+00"))
        self.assertEqual(agrees, ("agrees until", "`last` (Scale)"))

    def test_the_second_tensor_of_a_tuple(self) -> None:
        name = self.pipeline("pipeline.pt", RECORDS | {("split", 0): [[7.0, 13.0], [5.0, 9.0]]}, [12.0, 23.0])
        self.assertEqual(
            self.facts(name, "--localise")[0],
            ("starts at", "`split` (Neighbours): `output[1]`, 1 of 2 elements (50 %), largest error 2.0e+00"),
        )

    def test_where_every_submodule_agrees_the_model_itself_differs(self) -> None:
        name = self.pipeline("pipeline.pt", RECORDS, [12.0, 23.0])
        self.assertEqual(
            self.facts(name, "--localise"),
            [("starts at", "no submodule: 6 calls compared and equal, so the model's own code makes the difference")],
        )

    def test_a_submodule_that_is_not_recorded_and_one_that_does_not_run(self) -> None:
        records = {key: value for key, value in RECORDS.items() if key[0] != "split"} | {("gone", 0): [[1.0, 1.0]]}
        name = self.pipeline("pipeline.pt", records, [12.0, 23.0])
        self.assertEqual(
            self.facts(name, "--localise")[1:],
            [
                ("not compared", "`split` is not recorded"),
                ("not compared", "`gone` is recorded, and the model does not call it"),
            ],
        )

    def test_beside_another_model(self) -> None:
        name = self.pipeline("pipeline_changed.pt", {}, OUTPUT)
        self.write("other.pt", (FIXTURES / "pipeline.pt").read_bytes())
        self.assertEqual(
            self.facts(name, "--against", "other.pt")[0],
            ("starts at", "`inner.1` (Scale): 2 of 2 elements (100 %), largest error 4.0e+00"),
        )

    def test_beside_a_model_without_one_of_the_submodules(self) -> None:
        name = self.pipeline("pipeline_longer.pt", {}, OUTPUT)
        self.write("other.pt", (FIXTURES / "pipeline.pt").read_bytes())
        self.assertEqual(
            self.facts(name, "--against", "other.pt"),
            [
                ("starts at", "`last` (Scale): 2 of 2 elements (100 %), largest error 5.2e+01"),
                ("agrees until", "`split` (Neighbours)"),
                ("not compared", "`extra` is in this model only"),
            ],
        )
        name = self.pipeline("pipeline.pt", {}, [60.0, 120.0])
        self.write("other.pt", (FIXTURES / "pipeline_longer.pt").read_bytes())
        self.assertIn(("not compared", "`extra` is in `other.pt` only"), self.facts(name, "--against", "other.pt"))

    def test_a_bundle_without_records_says_how_to_get_them(self) -> None:
        name = self.pipeline("pipeline_changed.pt", {}, OUTPUT)
        self.expect(1, ["validate", name, "--localise"], "error[TA401]", "convert it with `--record-submodules`")

    def test_a_model_to_compare_with_that_cannot_be_read(self) -> None:
        name = self.pipeline("pipeline_changed.pt", {}, OUTPUT)
        self.expect(2, ["validate", name, "--against", "absent.pt"], "no such file")

    def test_the_report_marks_the_submodule(self) -> None:
        self.pipeline("pipeline_changed.pt", RECORDS, OUTPUT)
        self.run_program("validate", "a.assay", "--localise", "--json", "r.json")
        model = json.loads((self.folder / "r.json").read_text())["models"][0]
        self.assertEqual(model["error_starts_at"], "inner.1")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
