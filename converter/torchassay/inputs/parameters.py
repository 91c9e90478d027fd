"""The names of forward's arguments, and calls seen by name instead of by position."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import CellType, FunctionType, MethodType

from torchassay.inputs import tree
from torchassay.inputs.call import Call

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a method takes, read from its signature."""

    signature: inspect.Signature
    method: str = "forward"

    @property
    def names(self) -> tuple[str, ...]:
        """The named parameters that a spec can bind to, in order."""
        variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        parameters = self.signature.parameters.values()
        return tuple(p.name for p in parameters if p.kind not in variadic)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(n for n in self.names if self._parameter(n).default is inspect.Parameter.empty)

    @property
    def takes_any_keyword(self) -> bool:
        kinds = {p.kind for p in self.signature.parameters.values()}
        return inspect.Parameter.VAR_KEYWORD in kinds

    def _parameter(self, name: str) -> inspect.Parameter:
        return self.signature.parameters[name]

    def positional_only(self, name: str) -> bool:
        return (
            name in self.signature.parameters
            and self._parameter(name).kind is inspect.Parameter.POSITIONAL_ONLY
        )

    @property
    def plain(self) -> tuple[str, ...]:
        """The parameters that can be passed by position."""
        parameters = self.signature.parameters.values()
        return tuple(p.name for p in parameters if p.kind in _POSITIONAL)

    @property
    def surplus(self) -> str | None:
        """The name of `*args`, if the method has it."""
        for parameter in self.signature.parameters.values():
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                return parameter.name
        return None

    def by_name(self, call: Call) -> dict[str, object]:
        """The arguments of a call by name, in order; what `*args` takes is one tuple."""
        named: dict[str, object] = dict(zip(self.plain, call.args, strict=False))
        if len(call.args) > len(self.plain):
            named[self.surplus or "args"] = tuple(call.args[len(self.plain) :])
        return {**named, **call.kwargs}

    def to_call(self, named: Mapping[str, object], keywords: Collection[str] = ()) -> Call:
        """The call that passes these arguments: by position where it can, `keywords` by name."""
        args: list[object] = []
        for name in self.plain:
            if name not in named or (name in keywords and not self.positional_only(name)):
                break
            args.append(named[name])
        passed = set(self.plain[: len(args)])
        surplus = self.surplus
        if surplus is not None and surplus in named and len(args) == len(self.plain):
            args.extend(tree.items(named[surplus]))
            passed.add(surplus)
        return Call(tuple(args), {n: v for n, v in named.items() if n not in passed})

    def misfit(self, call: Call) -> str | None:
        """Why Python would refuse the call, or None."""
        try:
            self.signature.bind(*call.args, **call.kwargs)
        except TypeError as error:
            return str(error)
        return None

    def describe(self) -> str:
        """The method as a user would write its head, without `self`."""
        parts = [_parameter_text(p) for p in self.signature.parameters.values()]
        return f"{self.method}({', '.join(parts)})"


def signature_of(function: Callable[..., object], method: str) -> inspect.Signature:
    """The signature of a method; of the one that a decorator without `functools.wraps` has put `*args` in front of."""
    found = inspect.signature(function)
    kinds = [parameter.kind for parameter in found.parameters.values()]
    plain = getattr(function, "__func__", function)
    if inspect.Parameter.VAR_POSITIONAL not in kinds or not isinstance(plain, FunctionType):
        return found
    contents = [cell.cell_contents for cell in plain.__closure__ or () if cell != CellType()]
    wrapped = [inner for inner in contents if isinstance(inner, FunctionType) and inner.__name__ == method]
    if len(wrapped) != 1:
        return found
    inner = wrapped[0] if plain is function else MethodType(wrapped[0], getattr(function, "__self__", None))
    behind = signature_of(inner, method)
    return behind if _takes_all(behind, kinds) else found


def _takes_all(behind: inspect.Signature, kinds: Sequence[inspect._ParameterKind]) -> bool:
    """Whether what the wrapper names itself can be the first arguments of the function behind it."""
    named = sum(kind in _POSITIONAL for kind in kinds)
    return named <= sum(parameter.kind in _POSITIONAL for parameter in behind.parameters.values())


def _parameter_text(parameter: inspect.Parameter) -> str:
    text = str(parameter)
    if isinstance(parameter.annotation, str):  # under `from __future__ import annotations`
        text = text.replace(repr(parameter.annotation), parameter.annotation, 1)
    text = text.replace("torch.Tensor", "Tensor").replace("typing.", "")
    return text if len(text) <= 60 else parameter.name
