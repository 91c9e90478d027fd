"""The example calls that `--inputs-from` names: a function in a Python file, or a tensor file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from torchassay.base.errors import LoadError, UsageError, a_kind
from torchassay.base.safetensors import read_tensors
from torchassay.inputs import tree
from torchassay.inputs.call import Call
from torchassay.inputs.parameters import Parameters
from torchassay.loading.reference import existing_file, parse_reference
from torchassay.loading.resolve import resolve, user_frame

TENSOR_SUFFIXES = (".safetensors", ".pt", ".pth")


def load_examples(text: str, parameters: Parameters) -> tuple[Call, ...]:
    """The calls that REF gives; UsageError when they do not fit the method."""
    if ":" not in text and Path(text).suffix in TENSOR_SUFFIXES:
        values: object = _from_file(existing_file(Path(text)))
        source = Path(text).name
    else:
        values, source = _from_function(text), text.rpartition(":")[2]
    calls = _calls(values, parameters, source)
    for call in calls:
        if (misfit := parameters.misfit(call)) is not None:
            raise UsageError(f"`{source}` does not fit {parameters.describe()}: {misfit}")
    return calls


def _from_function(text: str) -> object:
    reference = parse_reference(text)
    if reference.archive is not None:
        raise UsageError(f"`{text}` is no tensor file", help="write `file.py:FUNC`, or name a .safetensors file")
    function = resolve(reference)
    if not callable(function):
        return function
    try:
        return function()
    except Exception as error:
        raise LoadError(f"`{reference.name}` raises: {user_frame(error)}") from error
    except SystemExit as error:
        raise LoadError(f"`{reference.name}` ends the program (sys.exit({error.code}))") from error


def _calls(values: object, parameters: Parameters, source: str) -> tuple[Call, ...]:
    if isinstance(values, list):
        if not values:
            raise LoadError(f"`{source}` returns an empty list: there is nothing to call the model with")
        if not all(isinstance(item, (tuple, Mapping)) for item in values):
            raise LoadError(
                f"`{source}` returns a list of {type(values[0]).__name__}",
                help="return a tuple of forward's arguments, or a list of such tuples",
            )
        return tuple(_call(item, parameters, source) for item in values)
    return (_call(values, parameters, source),)


def _call(value: object, parameters: Parameters, source: str) -> Call:
    """One call: a tuple is positional, a dict goes by name, a tensor is the only argument."""
    if isinstance(value, Call):
        return value
    if isinstance(value, torch.Tensor):
        return Call((value,))
    if isinstance(value, tuple) and not tree.is_namedtuple(value):
        return Call(value)
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        named = Call((), {str(key): item for key, item in value.items()})
        alone = Call((value,))
        fits_alone = parameters.misfit(named) is not None and parameters.misfit(alone) is None
        return alone if fits_alone else named
    if value is None:
        raise LoadError(f"`{source}` returns None", help="return a tuple of forward's arguments")
    if tree.children(value) is not None:
        return Call((value,))
    raise LoadError(
        f"`{source}` returns {a_kind(value)}",
        help="return a tuple of forward's arguments, or a list of such tuples",
    )


def _from_file(path: Path) -> object:
    """The arguments in a tensor file: `input.x`, `input.batch.ids`, or bare names."""
    if path.suffix == ".safetensors":
        tensors: Mapping[str, object] = read_tensors(path)
    else:
        try:
            loaded = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise LoadError(f"`{path.name}` cannot be read as tensors") from error
        if not isinstance(loaded, Mapping):
            return loaded
        tensors = loaded
    inputs = {k.removeprefix("input."): v for k, v in tensors.items() if not k.startswith("output")}
    if not inputs:
        raise LoadError(f"`{path.name}` holds no inputs")
    return nest(inputs)


def nest(flat: Mapping[str, object]) -> dict[str, object]:
    """Nested arguments from paths: `pair[0]` and `pair[1]` make a tuple, `batch.ids` a dict."""
    groups: dict[tree.Step, dict[str, object]] = {}
    result: dict[str, object] = {}
    for path, value in flat.items():
        head, rest = _head(path)
        if rest:
            groups.setdefault(head, {})[rest] = value
            result.setdefault(str(head), None)
        else:
            result[str(head)] = value
    for head, inner in groups.items():
        result[str(head)] = _container(inner)
    return result


def _head(path: str) -> tuple[tree.Step, str]:
    steps = tree.split(path)
    return steps[0], _rest(steps)


def _rest(steps: list[tree.Step]) -> str:
    rest = ""
    for step in steps[1:]:
        rest = tree.join(rest, step)
    return rest


def _container(flat: Mapping[str, object]) -> object:
    first_steps = {path: tree.split(path)[0] for path in flat}
    if not all(isinstance(step, int) for step in first_steps.values()):
        return nest(flat)
    inner: dict[tree.Step, dict[str, object]] = {}
    for path, value in flat.items():
        inner.setdefault(first_steps[path], {})[_rest(tree.split(path))] = value
    return tuple(
        part[""] if "" in part else _container(part) for _, part in sorted(inner.items(), key=lambda p: p[0])
    )
