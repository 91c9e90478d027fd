"""The program from outside: exit statuses and texts of every command, above all on bad input.

torchassay_test.py PROGRAM RUNNER FIXTURES
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest
import zipfile

from program_case import FIXTURES, PROGRAM, ProgramTest, environment_with, floats, safetensors, tensor_case


class UsageTest(ProgramTest):
    def test_wrong_words_are_answered_with_the_nearest_right_one(self) -> None:
        self.expect(4, ["valdate"], "error: unknown command `valdate`", "did you mean `validate`?")
        self.expect(4, ["validate", "--polcy", "x"], "unknown option `--polcy` of `validate`", "did you mean `--policy`?")
        self.expect(4, ["explain", "TA1011"], "unknown code `TA1011`", "did you mean `TA101`?")

    def test_what_is_missing_is_named(self) -> None:
        self.expect(4, [], "no command given")
        self.expect(4, ["compare", "a"], "`compare` needs EXPECTED")
        self.expect(4, ["policy"], "`policy` needs a command: init")
        self.expect(4, ["policy", "init"], "`policy init` needs RESULT.json")
        self.expect(4, ["check", "a.pt"], "`check` needs `--input SPEC` or `--inputs FILE`")
        self.expect(4, ["check", "a.pt", "--input"], "`--input` needs a value")
        self.expect(4, ["validate", "a", "--policy", "p", "--policy", "q"], "`--policy` is given more than once")

    def test_bad_values_say_what_was_expected(self) -> None:
        self.expect(4, ["compare", "a", "b", "--rtol", "abc"], "`--rtol`: expected a number, 0 or more, got `abc`")
        self.expect(4, ["compare", "a", "b", "--atol", "-1"], "expected a number, 0 or more, got `-1`")
        seed = ["run", "a", "--input", "ones:f32[2]", "--seed"]
        for number in ("-1", "1e3", "9223372036854775808"):
            self.expect(4, [*seed, number], f"expected a whole number from 0 to 2^63 - 1, got `{number}`")
        self.expect(4, ["bench", "a", "--threads", "100000"], "expected a whole number, 1 to 1024, got `100000`")
        self.expect(4, ["validate", "a", "--jobs", "0"], "expected a whole number, 1 or more, got `0`")
        self.expect(4, ["validate", "a", "--device", "gpu"], "expected `cpu`, `cuda` or `cuda:N`, got `gpu`")
        self.expect(4, ["validate", "a", "--memory", "lots"], "expected a size such as `512M` or `2GiB`, got `lots`")
        self.expect(4, ["inspect", "--tree", "--ops", "a"], "cannot be given together with")
        self.expect(4, ["compare", "a", "b", "c"], "unexpected argument `c`")
        self.expect(4, ["check", "a.pt", "--input", "q32[2]"], "error[TA310]")
        self.expect(4, ["run", "a.pt", "--input", "f32[2]"], "does not say how to fill it")

    def test_help_and_version(self) -> None:
        commands = ["inspect", "check", "run", "validate", "compare", "diff", "bench", "report", "policy", "explain"]
        overview = self.expect(0, ["--help"], "usage: torchassay COMMAND", "convert", "Exit status: 0 passed")
        for command in commands:
            self.assertIn(f"\n  {command} ", overview)
            self.expect(0, [command, "--help"], f"usage: torchassay {command} ")
        self.expect(0, ["--version"], "torchassay 0.")

    def test_convert_without_its_environment_says_what_to_do(self) -> None:
        self.expect(2, ["convert", "--help"], "TORCHASSAY_TOOL_PYTHON", "tools/torchassay")

    def test_convert_hands_every_word_on(self) -> None:
        script = self.write("python", '#!/bin/sh\necho "$PYTHONPATH|$*"\nexit 3\n')
        (self.folder / script).chmod(0o755)
        shown = self.run_program(
            "convert",
            "--help",
            "--jsn",
            "a b",
            environment={"TORCHASSAY_TOOL_PYTHON": str(self.folder / script), "TORCHASSAY_CONVERTER": "/c"},
        )
        self.assertEqual((self.status, shown), (3, "/c|-m torchassay convert --help --jsn a b\n"))

    def test_explain(self) -> None:
        self.expect(0, ["explain", "ta101"], "TA101 (value-branch)", "torch.where")
        self.expect(0, ["explain"], "TA101", "TA607")


class UnreadableTest(ProgramTest):
    COMMANDS = (["inspect"], ["validate"], ["check", "--input", "f32[2]"], ["run", "--input", "ones:f32[2]"], ["bench"])

    def expect_everywhere(self, name: str, *texts: str) -> None:
        for command, *options in self.COMMANDS:
            with self.subTest(command=command):
                self.expect(2, [command, name, *options], *texts)

    def test_no_such_file(self) -> None:
        self.expect_everywhere("absent.pt", "no such file")

    def test_closed_streams_are_no_place_for_results(self) -> None:
        def close_all() -> None:
            for stream in range(3):
                os.close(stream)

        name = self.write("m.pt", (FIXTURES / "my_module.pt").read_bytes())
        run = [PROGRAM, "run", name, "--input", "ones:f32[20]", "--output", "out.safetensors"]
        done = subprocess.run(run, cwd=self.folder, check=False, env=environment_with({}), preexec_fn=close_all)
        self.assertEqual(done.returncode, 0)
        self.assertTrue((self.folder / "out.safetensors").read_bytes().endswith(b"\x41"))

    def test_whoever_reads_json_is_told_as_well(self) -> None:
        commands = (["inspect", "absent.pt"], ["check", "absent.pt", "--input", "f32[2]"], ["bench", "absent.pt"])
        for arguments in (*commands, ["diff", "absent.pt", "absent.pt"], ["compare", "absent.npy", "absent.npy"]):
            self.run_program(*arguments, "--json")
            self.assertEqual(self.status, 2)
            result = json.loads(self.out)
            self.assertEqual((result["command"], result["verdict"]), (arguments[0], "not done"))
            self.assertIn("no such file", result["findings"][0]["message"])
            self.assertIn("no such file", self.err)

    def test_a_folder_that_is_no_bundle(self) -> None:
        (self.folder / "folder").mkdir()
        self.expect_everywhere("folder", "manifest.json")

    def test_an_empty_file(self) -> None:
        self.expect_everywhere(self.write("empty.pt", b""), "empty")

    def test_a_truncated_model(self) -> None:
        model = (FIXTURES / "my_module.pt").read_bytes()
        self.expect_everywhere(self.write("cut.pt", model[: len(model) // 2]), "error[TA202]")

    def test_a_flipped_bit_of_a_weight(self) -> None:
        model = bytearray((FIXTURES / "my_module.pt").read_bytes())
        start = model.index(b"data/0") + 200
        model[start] ^= 1
        name = self.write("flipped.pt", bytes(model))
        for arguments in (["inspect", name], ["check", name, "--input", "f32[20]"], ["run", name, "--input", "ones:f32[20]"]):
            self.expect(2, arguments, "TA203")

    def test_a_format_of_the_future_is_noted(self) -> None:
        with zipfile.ZipFile(FIXTURES / "my_module.pt") as old, zipfile.ZipFile(self.folder / "new.pt", "w") as new:
            for name in old.namelist():
                new.writestr(name, b"99\n" if name.endswith("/version") else old.read(name))
        self.expect(0, ["inspect", "new.pt"], "note[TA216]: the file has format version 99")

    def test_the_inputs_of_a_file_that_records_none_are_inferred(self) -> None:
        model = self.write("scripted.pt", (FIXTURES / "scripted_conv.pt").read_bytes())
        self.expect(0, ["inspect", model, "--signature"], "takes ", "f32[", "(inferred)", "conv2d")
        inputs = json.loads(self.expect(0, ["inspect", model, "--signature", "--json"]))["inputs"]
        self.assertEqual([entry["origin"] for entry in inputs], ["inferred"])
        self.assertRegex(inputs[0]["spec"], r"^f32\[[^,]+,3,[^,]+,[^,]+\]")
        self.assertNotIn("inputs", json.loads(self.expect(0, ["inspect", model, "--json"])))

    def test_the_inputs_of_another_method(self) -> None:
        model = self.write("attributes.pt", (FIXTURES / "attributes.pt").read_bytes())
        self.expect(0, ["inspect", model, "--signature", "--method", "other"], "`other` takes z: List[int]")
        self.expect(2, ["inspect", model, "--signature", "--method", "absent"], "no method `absent`")
        self.expect(4, ["inspect", model, "--method", "other"], "--signature")

    def test_a_state_dict(self) -> None:
        self.expect_everywhere(self.write("weights.pt", (FIXTURES / "state_dict.pt").read_bytes()), "error[TA201]")


class BundleTest(ProgramTest):
    def setUp(self) -> None:
        super().setUp()
        self.model = (FIXTURES / "my_module.pt").read_bytes()

    def test_a_bare_model_has_nothing_to_compare_with(self) -> None:
        self.expect(3, ["validate", self.write("bare.pt", self.model)], "nothing checked", "error[TA408]")

    def test_a_bundle_without_cases_has_checked_nothing(self) -> None:
        self.expect(3, ["validate", self.bundle("a.assay", self.model)], "has no cases", "error[TA408]")

    def test_a_model_that_is_not_the_recorded_one(self) -> None:
        name = self.bundle("a.assay", self.model)
        self.write("a.assay/model.pt", self.model[:-1] + b"x")
        self.expect(2, ["validate", name], "not done", "error[TA213]")

    def test_a_newer_manifest(self) -> None:
        self.expect(2, ["validate", self.bundle("a.assay", self.model, schema_version=99)], "TA212")

    def test_a_manifest_that_points_outside(self) -> None:
        files = [{"path": "../../etc/passwd", "bytes": 1, "sha256": "0" * 64}]
        self.expect(2, ["validate", self.bundle("a.assay", self.model, files=files)], "TA206")

    def test_a_manifest_that_is_no_json(self) -> None:
        name = self.bundle("a.assay", self.model)
        self.write("a.assay/manifest.json", '{"schema_version": 1,')
        self.expect(2, ["validate", name], "TA211", "^")

    def test_one_bad_bundle_does_not_stop_the_others(self) -> None:
        good, bad = self.bundle("a.assay", self.model), self.bundle("b.assay", self.model, schema_version=99)
        shown = self.expect(2, ["validate", good, bad], "a.assay", "b.assay")
        self.assertIn("2 models: 1 not done, 1 nothing checked", shown)

    def test_a_result_replaces_neither_another_nor_what_it_was_made_from(self) -> None:
        name = self.bundle("a.assay", self.model)
        policy = self.write("policy.json", '{"schema_version": 1}')
        for options in (["--json", "x", "--html", "./x"], ["--policy", policy, "--json", policy]):
            self.expect(4, ["validate", name, *options], "which is given as well")
        self.expect(4, ["validate", name, "--json", "a.assay/manifest.json"], "which is given as well")
        self.expect(4, ["report", "r.json", "--json", "x", "--html", "x"], "which is given as well")

    def test_a_malformed_policy(self) -> None:
        policy = self.write("policy.json", '{"schema_version": 1,\n "wavers": []}')
        self.expect(
            2, ["validate", "a.assay", "--policy", policy], "error[TA607]: `policy.json` line 2", "did you mean `waivers`?"
        )

    def test_all_formats_are_written_and_a_result_can_be_read_back(self) -> None:
        name = self.bundle("a.assay", self.model)
        formats = [f"--{kind}={kind}" for kind in ("json", "junit", "sarif", "markdown", "html")]
        self.expect(3, ["validate", name, *formats])
        self.assertEqual(json.loads((self.folder / "json").read_text())["verdict"], "nothing checked")
        self.expect(3, ["report", "json", "--html", "page.html"])
        self.assertIn("<!doctype html>", (self.folder / "page.html").read_text())
        policy = self.expect(0, ["policy", "init", "json"], '"schema_version": 1')
        self.write("policy.json", policy)
        self.expect(3, ["validate", name, "--policy", "policy.json"])

    def test_json_goes_to_the_output_and_is_stable(self) -> None:
        name = self.bundle("a.assay", self.model)
        first, second = (json.loads(self.run_program("validate", name, "--json", "-")) for _ in range(2))
        self.assertNotEqual(first.pop("time")["created"], "")
        second.pop("time")
        self.assertEqual(first, second)
        self.assertNotIn(str(self.folder), json.dumps(first))


class CompareTest(ProgramTest):
    def files(
        self, actual: dict[str, tuple[str, list[int], bytes]], expected: dict[str, tuple[str, list[int], bytes]]
    ) -> list[str]:
        return [
            "compare",
            self.write("actual.safetensors", safetensors(actual)),
            self.write("expected.safetensors", safetensors(expected)),
        ]

    def test_equal_files_pass(self) -> None:
        self.expect(0, self.files({"x": floats(1, 2)}, {"x": floats(1, 2)}), "passed", "2 elements compared")

    def test_a_difference_fails_with_what_would_pass(self) -> None:
        shown = self.expect(1, self.files({"x": floats(1, 2.5)}, {"x": floats(1, 2)}), "error[TA401]", "would pass")
        self.assertIn("1 of 2 elements", shown)
        self.expect(0, [*self.files({"x": floats(1, 2.5)}, {"x": floats(1, 2)}), "--atol", "0.5", "--rtol", "0"])

    def test_a_nan_never_matches_unless_asked(self) -> None:
        nan = float("nan")
        self.expect(1, self.files({"x": floats(nan)}, {"x": floats(nan)}))
        self.expect(0, [*self.files({"x": floats(nan)}, {"x": floats(nan)}), "--equal-nan"])
        self.expect(1, [*self.files({"x": floats(nan)}, {"x": floats(1)}), "--equal-nan"])

    def test_missing_and_extra_tensors_fail(self) -> None:
        self.expect(1, self.files({"x": floats(1)}, {"x": floats(1), "y": floats(1)}), "TA402")
        self.expect(1, self.files({"x": floats(1), "y": floats(1)}, {"x": floats(1)}), "TA403")

    def test_nothing_to_compare_is_no_pass(self) -> None:
        self.expect(3, self.files({}, {}), "nothing checked")
        self.expect(3, self.files({"x": floats()}, {"x": floats()}), "nothing checked")

    def test_a_header_that_lies_is_named(self) -> None:
        lying = safetensors({"x": floats(1, 2)})[:-4]
        self.write("actual.safetensors", lying)
        self.expect(2, ["compare", "actual.safetensors", "actual.safetensors"], "TA215")

    def test_colours_are_for_terminals_only(self) -> None:
        self.assertNotIn("\x1b", self.expect(1, self.files({"x": floats(1)}, {"x": floats(3)})))


class ModelTest(ProgramTest):
    def test_a_wrong_rank_is_refused_before_the_model_runs(self) -> None:
        model = self.write("my_module_model.pt", (FIXTURES / "my_module.pt").read_bytes())
        shown = self.expect(1, ["check", model, "--input", "f32[1,3,224,224]"], "error[TA301]", "4-D f32[1,3,224,224]", "mv")
        self.assertEqual(len(shown.splitlines()), 2)
        self.expect(0, ["check", model, "--input", "f32[20]"])

    def test_run_prints_ok_and_the_first_numbers(self) -> None:
        model = self.write("m.pt", (FIXTURES / "my_module.pt").read_bytes())
        shown = self.expect(0, ["run", model, "--input", "ones:f32[20]", "--output", "out.safetensors"])
        self.assertRegex(shown, r"^ok\noutput   f32\[\d+\]   (\S+ ){5}")
        self.expect(0, ["compare", "out.safetensors", "out.safetensors"])

    def test_a_model_that_raises_says_so_once(self) -> None:
        model = self.write("m.pt", (FIXTURES / "my_module.pt").read_bytes())
        shown = self.expect(1, ["run", model, "--input", "ones:f32[19]"], "error[TA501]", "size mismatch")
        self.assertEqual(shown.count("TA501"), 1)

    def test_a_model_that_would_raise_is_told_before_it_runs(self) -> None:
        model = self.write("m.pt", (FIXTURES / "misbehaves.pt").read_bytes())
        self.expect(1, ["check", model, "--input", "f32[2]", '"raises"'], "error[TA311]", "negative input")

    def test_budgets_of_a_policy_hold_for_bench(self) -> None:
        name = self.bundle_of("a.assay", "misbehaves.pt", [tensor_case("one", {"str": "-"}, size=2)], [1.0, 2.0])
        waiver = {"code": "TA401", "reason": "of validate alone"}
        policies = {"wide": {"p50_ms": 60000, "peak_bytes": 1 << 40}, "narrow": {"p99_ms": 0, "peak_bytes": 1024}}
        for word, budgets in policies.items():
            self.write(f"{word}.json", json.dumps({"schema_version": 1, "budgets": budgets, "waivers": [waiver]}))
        bench = ["bench", name, "--seconds", "0"]
        shown = self.expect(0, [*bench, "--policy", "wide.json"], "first call", "warm-up", "p90", "throughput", "memory")
        self.assertNotIn("TA602", shown)
        self.expect(1, [*bench, "--policy", "narrow.json"], "error[TA604]", "error[TA605]", "99th percentile")
        self.expect(2, [*bench, "--policy", "absent.json"], "no such file")

    def test_bench_times_no_case_that_raises(self) -> None:
        raising = {"raises": {"type": "ValueError", "message": "negative input"}}
        raises = tensor_case("low", {"str": "raises"}, size=2, expects=raising)
        name = self.bundle_of("a.assay", "misbehaves.pt", [raises, tensor_case("one", {"str": "-"}, size=2)], [1.0, 2.0])
        bench = ["bench", name, "--seconds", "0"]
        self.expect(0, bench, "p90")
        self.expect(0, [*bench, "--case", "one"], "p90")
        self.expect(3, [*bench, "--case", "low"], "error[TA408]", "the case expects an exception")
        self.expect(2, [*bench, "--case", "onn"], "has no case `onn`", "did you mean `one`?")
        alone = self.bundle_of("b.assay", "misbehaves.pt", [raises], [1.0, 2.0])
        self.expect(3, ["bench", alone, "--seconds", "0"], "error[TA408]", "no case expects outputs")

    def test_what_kills_a_model_is_exit_5(self) -> None:
        for name, code in (("segfaults.pt", "TA502"), ("loops_forever.pt", "TA503")):
            self.write(name, (FIXTURES / name).read_bytes())
            self.expect(5, ["run", name, "--input", "ones:f32[2]", "--timeout", "5"], code)

    def test_a_model_that_would_run_code_is_not_loaded(self) -> None:
        model = self.write("m.pt", (FIXTURES / "sets_state.pt").read_bytes())
        self.expect(2, ["run", model, "--input", "ones:f32[2]"], "error[TA208]", "--trust")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
