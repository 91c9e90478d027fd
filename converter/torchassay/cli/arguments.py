"""The command line of `convert`, with usage errors in the house style."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any, NoReturn

from torchassay.base.closest import closest
from torchassay.base.errors import UsageError
from torchassay.base.memory import parse_bytes
from torchassay.cli.request import DEFAULT_BUDGET, DEFAULT_CASES, DEFAULT_TIMEOUT, MODES

_EPILOG = """\
MODEL is `path/file.py:NAME` or `package.module:NAME`: a class, a function that returns a model, or an instance;
or a TorchScript file, for which references are recorded without source. REF is `file.py:FUNC`, which returns
forward's arguments as a tuple (or a list of such tuples), or a tensor file.

  torchassay convert model.py:build --inputs-from model.py:example_inputs
  torchassay convert model.py:Net --input "x=f32[B:1..8,3,224,224]{-1..1}" --mode trace -o net.assay
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, help="see `torchassay convert --help`")


def build_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="torchassay convert",
        description="Convert a PyTorch model to a bundle, and say where the converted model behaves differently.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="the model: FILE.py:NAME, MODULE:NAME or a TorchScript file")
    add("--kwargs", metavar="JSON", default="{}", help="keyword arguments of the class or factory")
    add("--weights", metavar="FILE", help="a state_dict: .safetensors, .pt or .pth")
    add("--method", metavar="NAME", default="forward", help="the method to convert (forward)")
    add("--input", metavar="SPEC", action="append", default=[], help="what one argument may be")
    add("--inputs-from", metavar="REF", help="example arguments: FILE.py:FUNC or a tensor file")
    add("--mode", metavar="MODE", default="auto", help=f"{', '.join(MODES)} (auto)")
    add("--cases", metavar="N", default=str(DEFAULT_CASES), help=f"reference cases ({DEFAULT_CASES})")
    add("--seed", metavar="N", default="0", help="the seed of all drawn inputs (0)")
    add("--budget", metavar="SECONDS", default=str(DEFAULT_BUDGET), help=f"time to search for divergence ({DEFAULT_BUDGET:.0f})")
    limit = f"limit of one step of the model's code ({DEFAULT_TIMEOUT:.0f})"
    add("--timeout", metavar="SECONDS", default=str(DEFAULT_TIMEOUT), help=limit)
    add("--memory", metavar="BYTES", help="limit of memory, such as 512M or 2GiB (what the machine has to spare)")
    add("--python", metavar="PATH", help="the Python that runs the model")
    add("--record-submodules", action="store_true", help="record every submodule's output too")
    add("-o", "--output", metavar="DIR", help="the bundle (./NAME.assay)")
    add("--json", metavar="FILE", help="write the result as JSON")
    add("--sarif", metavar="FILE", help="write the findings as SARIF 2.1.0")
    add("--quiet", action="store_true", help="no progress, and findings only")
    return parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options; UsageError with a suggestion for what is wrong."""
    parser = build_parser()
    flags = [flag for action in parser._actions for flag in action.option_strings]
    _check_flags(argv, flags)
    options = parser.parse_args(list(argv))
    options.kwargs = _json_object(options.kwargs)
    options.cases = _number(options.cases, "--cases", least=1, whole=True)
    options.seed = _number(options.seed, "--seed", least=0, whole=True)
    options.budget = _number(options.budget, "--budget", least=0)
    options.timeout = _number(options.timeout, "--timeout", least=0.1)
    options.memory = None if options.memory is None else parse_bytes(options.memory, "--memory")
    _check_mode(options.mode)
    return options


def _check_flags(argv: Sequence[str], flags: Sequence[str]) -> None:
    """Unknown flags first: argparse would complain about the arguments that they leave over."""
    for word in argv:
        if word == "--":
            return
        name = word.partition("=")[0]
        if name.startswith("--") and name not in flags:
            guess = closest(name, flags)
            advice = f"did you mean `{guess}`" if guess else "see `torchassay convert --help`"
            raise UsageError(f"unknown option `{name}`", help=advice)


def _check_mode(mode: str) -> None:
    if mode not in MODES:
        guess = closest(mode, MODES)
        advice = f"did you mean `{guess}`" if guess else f"a mode is one of {', '.join(MODES)}"
        raise UsageError(f"unknown mode `{mode}`", help=advice)


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--kwargs is no JSON: {error}", help="""write --kwargs '{"depth": 3}'""") from error
    if not isinstance(value, dict):
        raise UsageError("--kwargs is no JSON object", help="""write --kwargs '{"depth": 3}'""")
    return value


def _number(text: str, flag: str, *, least: float, whole: bool = False) -> float | int:
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        kind = "a whole number" if whole else "a number"
        raise UsageError(f"{flag} takes {kind}, not `{text}`") from None
    if not least <= value < float("inf"):
        raise UsageError(f"{flag} is at least {least:g}, not `{text}`")
    return value
