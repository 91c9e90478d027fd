"""From a MODEL on the command line to a live Subject."""

from __future__ import annotations

import inspect
import random
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import nn

from torchassay.base.closest import closest
from torchassay.base.errors import LoadError, UsageError, a_kind
from torchassay.inputs.parameters import signature_of
from torchassay.loading.reference import Reference, parse_reference
from torchassay.loading.resolve import resolve, user_frame
from torchassay.loading.subject import Subject
from torchassay.loading.weights import load_weights

__all__ = ["Subject", "load"]


def load(
    reference: str,
    *,
    kwargs: Mapping[str, object] | None = None,
    weights: Path | None = None,
    method: str = "forward",
) -> Subject:
    """The model that `reference` names, in eval mode; LoadError or UsageError says why not."""
    parsed = parse_reference(reference)
    if parsed.archive is not None:
        if kwargs or weights:
            raise UsageError(f"`{reference}` is a finished model: it takes no --kwargs or --weights")
        return _from_archive(parsed, method)
    target = resolve(parsed)
    build = _builder(parsed, target, dict(kwargs or {}), weights)
    model = build()
    file = parsed.file or _file_of(target)
    return Subject(
        model=model,
        method=method,
        name=_leaf_name(parsed.name),
        reference=reference,
        file=file,
        folder=file.parent if file else None,
        signature=_signature(model, method),
        build=None if isinstance(target, nn.Module) else build,
    )


def _leaf_name(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _file_of(target: object) -> Path | None:
    try:
        return Path(inspect.getfile(target)).resolve()  # type: ignore[arg-type]
    except TypeError:
        return None


def _builder(
    parsed: Reference, target: object, kwargs: dict[str, object], weights: Path | None
) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        _seed()
        model = _construct(parsed, target, kwargs)
        if weights is not None:
            load_weights(model, weights)
        return model.eval()

    return build


def _seed() -> None:
    """Every construction draws the same random weights, so that a model can be built again."""
    random.seed(0)
    torch.manual_seed(0)
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed(0)


def _construct(parsed: Reference, target: object, kwargs: dict[str, object]) -> nn.Module:
    if isinstance(target, nn.Module):
        if kwargs:
            raise UsageError(f"`{parsed.name}` is a module already: it takes no --kwargs")
        return target
    if not callable(target):
                raise LoadError(
            f"`{parsed.text}` is {a_kind(target)}, not a model",
            help="name an nn.Module class, an instance, or a function that returns one",
        )
    _check_kwargs(parsed, target, kwargs)
    try:
        model = target(**kwargs)
    except Exception as error:
        raise LoadError(f"`{parsed.name}` raises: {user_frame(error)}") from error
    except SystemExit as error:
        raise LoadError(f"`{parsed.name}` ends the program (sys.exit({error.code}))") from error
    if not isinstance(model, nn.Module):
        raise LoadError(
            f"`{parsed.name}` returns {a_kind(model)}, not an nn.Module",
            help="name an nn.Module class, an instance, or a function that returns one",
        )
    return model


def _check_kwargs(parsed: Reference, target: Callable[..., object], kwargs: dict[str, object]) -> None:
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(**kwargs)
    except TypeError as error:
        unknown = next((k for k in kwargs if k not in signature.parameters), None)
        guess = closest(unknown, signature.parameters) if unknown else None
        shown = ", ".join(str(parameter) for parameter in signature.parameters.values())
        advice = f"did you mean `{guess}`" if guess else "pass them as --kwargs '{\"NAME\": VALUE}'"
        raise UsageError(
            f"`{parsed.name}` takes ({shown}): {error}",
            help=advice,
        ) from error


def _from_archive(parsed: Reference, method: str) -> Subject:
    assert parsed.archive is not None
    path = parsed.archive

    def build() -> nn.Module:
        try:
            model: nn.Module = torch.jit.load(str(path), map_location="cpu")
        except Exception as error:
            raise _unreadable(path, error) from error
        return model.eval()

    model = build()
    return Subject(
        model=model,
        method=method,
        name=path.stem,
        reference=parsed.text,
        file=None,
        folder=None,
        signature=_signature(model, method),
        build=build,
    )


def _unreadable(path: Path, error: Exception) -> LoadError:
    """Why LibTorch refused a file, in our words where its own do not help."""
    advice = "name a file that torch.jit.save wrote, or the Python code as FILE.py:NAME"
    if not zipfile.is_zipfile(path):
        return LoadError(f"`{path.name}` is no TorchScript archive, or a truncated one", help=advice)
    with zipfile.ZipFile(path) as archive:
        inner = {name.rpartition("/")[2] for name in archive.namelist()}
    if "data.pkl" in inner and "constants.pkl" not in inner:
        return LoadError(f"`{path.name}` holds weights or a pickled object, not a TorchScript model", help=advice)
    said = (str(error).strip().splitlines() or [type(error).__name__])[0].partition(". ")[0]
    return LoadError(f"`{path.name}` cannot be loaded: {said}", help=advice)


def _signature(model: nn.Module, method: str) -> inspect.Signature:
    function = getattr(model, method, None)
    if function is None or not callable(function):
        guess = closest(method, [name for name in dir(type(model)) if not name.startswith("_")])
        raise UsageError(
            f"`{type(model).__name__}` has no method `{method}`",
            help=f"did you mean `{guess}`" if guess else None,
        )
    if getattr(function, "__name__", "") == "_forward_unimplemented":
        raise LoadError(f"`{type(model).__name__}` has no forward")
    if isinstance(model, torch.jit.ScriptModule):
        return _script_signature(function)
    try:
        return signature_of(function, method)
    except (TypeError, ValueError):
        return inspect.signature(lambda *args, **kwargs: None)


def _script_signature(function: object) -> inspect.Signature:
    parameters = []
    for argument in function.schema.arguments[1:]:  # type: ignore[attr-defined]
        default = argument.default_value if argument.has_default_value() else inspect.Parameter.empty
        parameters.append(
            inspect.Parameter(
                argument.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default
            )
        )
    return inspect.Signature(parameters)
