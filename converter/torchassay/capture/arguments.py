"""The arguments of one call in the order of the signature: the parameters that a captured method gets."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass

from torchassay.inputs import tree
from torchassay.inputs.call import Call


@dataclass(frozen=True, slots=True)
class Argument:
    """One value of a call: the name it has in the artifact, and how the model wants it back."""

    name: str
    value: object
    kind: str  # "positional", "star", "keyword"
    default: object = inspect.Parameter.empty


def bind(signature: inspect.Signature, call: Call) -> tuple[Argument, ...]:
    """The given arguments, named and in signature order; `*args` become `args_0`, `args_1` and so on."""
    bound = signature.bind(*call.args, **call.kwargs)
    found: list[Argument] = []
    for name, parameter in signature.parameters.items():
        if name not in bound.arguments:
            continue
        value = bound.arguments[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            found += [Argument(f"{name}_{number}", item, "star") for number, item in enumerate(value)]
        elif parameter.kind is parameter.VAR_KEYWORD:
            found += [Argument(key, item, "keyword") for key, item in value.items()]
        else:
            kind = "positional" if name not in call.kwargs else "keyword"
            found.append(Argument(name, value, kind, parameter.default))
    return tuple(found)


def rebuild(arguments: tuple[Argument, ...], values: Mapping[str, object]) -> Call:
    """The call that passes `values` (by argument name) the way the model wants them."""
    positional = [values[item.name] for item in arguments if item.kind in ("positional", "star")]
    keywords = {item.name: values[item.name] for item in arguments if item.kind == "keyword"}
    return Call(tuple(positional), keywords)


def signature_of(function: object) -> inspect.Signature:
    """The signature of a bound method without `self`; `(*args, **kwargs)` when Python cannot tell."""
    try:
        return inspect.signature(function)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return inspect.signature(lambda *args, **kwargs: None)


def plain(call: Call) -> Call:
    """The call as TorchScript takes it: data classes become tuples of their fields, mapping classes become dicts."""
    return Call(tuple(_plain(value) for value in call.args), {name: _plain(value) for name, value in call.kwargs.items()})


def _plain(value: object) -> object:
    if isinstance(value, (list, tuple)) and not tree.is_namedtuple(value):
        return type(value)(_plain(part) for part in value)
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(_plain(getattr(value, field.name)) for field in dataclasses.fields(value))
    return value
