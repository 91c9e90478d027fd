"""Whatever a model does, its verdict is its own, the others go on, and nothing is left behind.

supervision_test.py PROGRAM RUNNER FIXTURES OPERATORS
"""

# ruff: noqa: PT009 - the build runs this with the standard library alone

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from program_case import FIXTURES, PROGRAM, RUNNER, ProgramTest, environment_with, tensor_case

OPERATORS = Path(sys.argv[4]).absolute()
PATIENCE = 60.0


def session_of(pid: int) -> int:
    """The session that a process belongs to; 0 where it is gone, or waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[3])


def members(session: int) -> set[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid for pid in pids if session_of(pid) == session}


def wait_until(condition: object, what: str) -> None:
    assert callable(condition)
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(0.02)


class DeathTest(ProgramTest):
    """What kills a model, each way once, in a fleet of which one member is well."""

    def test_every_death_has_its_verdict_and_the_rest_go_on(self) -> None:
        ways = {"segfaults.pt": [], "loops_forever.pt": [], "allocates.pt": [], "misbehaves.pt": [{"str": "-"}]}
        names = [
            self.bundle_of(name.replace(".pt", ".assay"), name, [tensor_case("one", *more, size=2)], [1.0, 2.0])
            for name, more in ways.items()
        ]
        result = self.result(*names, "--jobs", "2", "--timeout", "6")
        self.assertEqual(self.status, 5)
        codes = [(found["model"], found["code"]) for found in result["findings"]]
        self.assertEqual(
            sorted(codes), [("allocates.assay", "TA504"), ("loops_forever.assay", "TA503"), ("segfaults.assay", "TA502")]
        )
        self.assertEqual([model["verdict"] for model in result["models"]], ["crashed", "crashed", "crashed", "passed"])
        self.assertTrue(all(case["kind"] == "example" for model in result["models"] for case in model["cases"]))

    def test_memory_that_grows_ends_at_the_limit(self) -> None:
        name = self.bundle_of("a.assay", "misbehaves.pt", [tensor_case("one", {"str": "grows"}, size=2)], [1.0, 2.0])
        self.expect(5, ["validate", name, "--memory", "600M", "--timeout", "50"], "error[TA504]")

    def test_a_task_that_is_never_awaited_is_found(self) -> None:
        name = self.bundle_of("a.assay", "misbehaves.pt", [tensor_case("one", {"str": "forks"}, size=2)], [1.0, 2.0])
        self.expect(1, ["validate", name, "--timeout", "50"], "error[TA507]", "1 thread at work")

    def test_a_library_brings_operators_and_their_ways_to_die(self) -> None:
        self.write("m.pt", (FIXTURES / "misbehaving_operator.pt").read_bytes())
        run = ["run", "m.pt", "--library", str(OPERATORS), "--timeout", "50", "--input", "ones:f32[2]"]
        self.expect(0, [*run, '"-"'], "ok")
        self.expect(5, [*run, '"abort"'], "error[TA502]", "SIGABRT")
        self.expect(5, [*run, '"exit"'], "error[TA502]", "exit code 0")
        self.expect(5, [*run, '"overflow"'], "error[TA502]", "stack overflow")
        self.expect(0, [*run, '"leave a thread"'], "warning[TA507]", "1 thread behind")

    def test_without_its_library_a_model_cannot_be_loaded(self) -> None:
        self.write("m.pt", (FIXTURES / "custom_operator.pt").read_bytes())
        run = ["run", "m.pt", "--input", "ones:f32[2]"]
        self.expect(2, run, "error[TA506]", "torchassay_fixture::twice")
        self.expect(0, [*run, "--library", str(OPERATORS)], "f32[2]")
        self.expect(2, [*run, "--library", "absent.so"], "error[TA506]", "`absent.so` cannot be opened")

    def test_trust_loads_what_runs_code(self) -> None:
        model = self.write("m.pt", (FIXTURES / "sets_state.pt").read_bytes())
        self.expect(0, ["run", model, "--input", "ones:f32[3]", "--trust"], "ok")


class DeviceTest(ProgramTest):
    def setUp(self) -> None:
        super().setUp()
        self.name = self.bundle_of("a.assay", "misbehaves.pt", [tensor_case("one", {"str": "-"}, size=2)], [1.0, 2.0])

    @unittest.skipIf(shutil.which("nvidia-smi"), "there is a GPU")
    def test_a_device_that_is_not_there_is_exit_2(self) -> None:
        self.expect(2, ["validate", self.name, "--device", "cuda"], "error[TA505]", "sees no CUDA device")
        self.expect(2, ["bench", self.name, "--device", "cuda:1"], "error[TA505]")
        self.write("m.pt", (FIXTURES / "my_module.pt").read_bytes())
        self.expect(2, ["check", "m.pt", "--device", "cuda", "--input", "f32[20]"], "error[TA505]")

    @unittest.skipUnless(shutil.which("nvidia-smi"), "there is no GPU")
    def test_a_model_and_its_inputs_move_to_the_device(self) -> None:
        shown = self.run_program("validate", self.name, "--device", "cuda")
        if self.status == 2:
            self.assertIn("error[TA505]", shown)  # this LibTorch was built without CUDA
        else:
            self.assertEqual(self.status, 0, shown)
        self.expect(2, ["validate", self.name, "--device", "cuda:99"], "error[TA505]")


class RunnerTest(ProgramTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("m.pt", (FIXTURES / "loops_forever.pt").read_bytes())
        self.write("good.pt", (FIXTURES / "my_module.pt").read_bytes())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The program in a session of its own, at a model that never ends."""
        process = subprocess.Popen(
            [PROGRAM, *(arguments or ("run", "m.pt", "--input", "ones:f32[2]", "--timeout", "0"))],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment_with({}),
            start_new_session=True,
        )
        self.addCleanup(self.end, process)
        wait_until(lambda: len(members(process.pid)) >= 3, "program, runner and child are there")
        return process

    def end(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        for pid in members(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def test_no_process_outlives_the_program_however_it_ends(self) -> None:
        """SIGINT goes to the whole foreground group, as a terminal sends it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(signal=number.name):
                process = self.start()
                (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
                process.communicate(timeout=PATIENCE)
                self.assertEqual(process.returncode, -number)
                wait_until(lambda pid=process.pid: not members(pid), "nothing of it is left")

    def kill_runner(self, process: subprocess.Popen[str], last: int) -> int:
        """Kills the program's runner, once it has a child and is another than `last`; returns its id."""

        def first_child(pid: int) -> int:
            with contextlib.suppress(FileNotFoundError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                return int(children[0]) if children else 0
            return 0

        def is_at_work(runner: int) -> bool:
            return runner not in (0, last) and first_child(runner) != 0

        wait_until(lambda: is_at_work(first_child(process.pid)), "a runner is at work")
        killed = first_child(process.pid)
        os.kill(killed, signal.SIGKILL)
        return killed

    def test_a_job_that_two_runners_die_over_has_crashed(self) -> None:
        process = self.start()
        self.kill_runner(process, self.kill_runner(process, 0))
        shown, _ = process.communicate(timeout=PATIENCE)
        self.assertIn("error[TA502]: the runner died twice while it ran this model", shown)
        self.assertIn("it was stopped by a signal (Killed)", shown)
        self.assertEqual(process.returncode, 5)
        wait_until(lambda: not members(process.pid), "nothing of it is left")

    def test_a_fleet_outlives_its_runner(self) -> None:
        """What had finished keeps its verdict, what was at work starts again, what waited is run."""
        for name, fixture in (("a", "misbehaves.pt"), ("b", "loops_forever.pt"), ("c", "misbehaves.pt")):
            more = [{"str": "-"}] if fixture == "misbehaves.pt" else []
            self.bundle_of(f"{name}.assay", fixture, [tensor_case("one", *more, size=2)], [1.0, 2.0])
        limits = ("--timeout", "4", "--jobs", "1", "--json", "result.json")
        process = self.start("validate", "a.assay", "b.assay", "c.assay", *limits)
        time.sleep(1)  # the first model is through, the second never will be
        self.kill_runner(process, 0)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 5)
        result = json.loads((self.folder / "result.json").read_text())
        self.assertEqual([model["verdict"] for model in result["models"]], ["passed", "crashed", "passed"])
        self.assertEqual([found["code"] for found in result["findings"]], ["TA503"])
        wait_until(lambda: not members(process.pid), "nothing of it is left")

    def test_a_reader_that_goes_away_ends_the_program(self) -> None:
        process = self.start()
        assert process.stdout is not None
        process.stdout.close()
        os.kill(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE)
        wait_until(lambda: not members(process.pid), "nothing of it is left")
        done = subprocess.run(
            f'"{PROGRAM}" explain | head -n 1', shell=True, capture_output=True, text=True, check=False, env=environment_with({})
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_process_that_a_model_starts_ends_with_its_job(self) -> None:
        self.write("p.pt", (FIXTURES / "misbehaving_operator.pt").read_bytes())
        run = ["run", "p.pt", "--library", OPERATORS, "--input", "ones:f32[2]", '"leave a process"']
        process = subprocess.Popen([PROGRAM, *run], cwd=self.folder, env=environment_with({}), start_new_session=True)
        self.addCleanup(self.end, process)
        process.wait(timeout=PATIENCE)
        wait_until(lambda: not members(process.pid), "nothing of it is left")

    def test_a_missing_runner_is_exit_2(self) -> None:
        run = ["run", "good.pt", "--input", "ones:f32[20]"]
        shown = self.run_program(*run, environment={"TORCHASSAY_RUNNER": str(self.folder / "absent")})
        self.assertEqual(self.status, 2, shown)
        self.assertIn("error[TA508]: no runner at", shown)

    def test_a_runner_that_cannot_start_is_exit_2(self) -> None:
        self.write("broken", "#!/bin/sh\necho 'libtorch.so: cannot open' >&2\nexit 127\n")
        (self.folder / "broken").chmod(0o755)
        shown = self.run_program(
            "run", "good.pt", "--input", "ones:f32[20]", environment={"TORCHASSAY_RUNNER": str(self.folder / "broken")}
        )
        self.assertEqual(self.status, 2, shown)
        self.assertIn("error[TA508]", shown)
        self.assertIn("ended with exit code 127", shown)
        self.assertTrue(RUNNER.exists())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
