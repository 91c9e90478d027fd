"""Loads `--weights` into a model, strictly, and says in a few lines what does not fit."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

from torchassay.base.errors import LoadError
from torchassay.base.safetensors import read_tensors
from torchassay.loading.reference import existing_file

_NESTED_KEYS = ("state_dict", "model_state_dict", "model")
_SHOWN = 5


def load_weights(model: nn.Module, path: Path) -> None:
    """Load a state_dict from `.safetensors`, `.pt` or `.pth`; LoadError unless every name and shape fits."""
    file = existing_file(path)
    state = read_state(file)
    own = model.state_dict()
    missing = sorted(set(own) - set(state))
    unexpected = sorted(set(state) - set(own))
    shapes = [
        f"{name} is {_shape(state[name])}, the model has {_shape(own[name])}"
        for name in own
        if name in state and own[name].shape != state[name].shape
    ]
    if missing or unexpected or shapes:
        raise LoadError(
            f"`{path.name}` does not fit {type(model).__name__}: "
            + "; ".join(_problems(missing, unexpected, shapes)),
            help=_prefix_advice(missing, unexpected),
        )
    model.load_state_dict(state)


def _shape(tensor: torch.Tensor) -> str:
    return str(list(tensor.shape))


def _problems(missing: Sequence[str], unexpected: Sequence[str], shapes: Sequence[str]) -> list[str]:
    found = []
    for count, what, names in (
        (len(missing), "missing", missing),
        (len(unexpected), "unexpected", unexpected),
        (len(shapes), "of another shape", shapes),
    ):
        if count:
            more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
            found.append(f"{count} {what} ({', '.join(names[:_SHOWN])}{more})")
    return found


def _prefix_advice(missing: Sequence[str], unexpected: Sequence[str]) -> str | None:
    """The commonest cause: a wrapper has put a prefix before every name."""
    for name in unexpected:
        head, dot, rest = name.partition(".")
        if dot and rest in missing:
            return f"the names in the file begin with `{head}.`: save the state_dict of that submodule alone"
    for name in missing:
        head, dot, rest = name.partition(".")
        if dot and rest in unexpected:
            return f"the file holds the weights of `{head}` alone: load them in your factory"
    return None


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """The state_dict in a file, never running code from it."""
    if path.suffix == ".safetensors":
        return read_tensors(path)
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise LoadError(
            f"`{path.name}` holds more than weights, and loading it would run code",
            help="save `model.state_dict()` instead of the model",
        ) from error
    except Exception as error:
        raise LoadError(f"`{path.name}` cannot be read as a state_dict") from error
    return _state_of(loaded, path)


def _state_of(loaded: object, path: Path) -> dict[str, torch.Tensor]:
    if isinstance(loaded, torch.jit.ScriptModule):
        return dict(loaded.state_dict())
    if isinstance(loaded, Mapping):
        if loaded and all(isinstance(value, torch.Tensor) for value in loaded.values()):
            return dict(loaded)
        for key in _NESTED_KEYS:
            if isinstance(loaded.get(key), Mapping):
                return _state_of(loaded[key], path)
    raise LoadError(f"`{path.name}` holds no state_dict", help="save `model.state_dict()`")
