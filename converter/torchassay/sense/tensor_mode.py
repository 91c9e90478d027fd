"""The sensor for everything that goes through a tensor: a TorchFunctionMode that records leaks and follows taint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from torchassay.sense import queries
from torchassay.sense.graph import reaches
from torchassay.sense.leak import Comparison
from torchassay.sense.recorder import Recorder
from torchassay.sense.taint import NOTHING, Labels, TaintMap, tensors_in
from torchassay.sense.values import describe

_CHAIN_OF_LOGIC = 4


class TensorSensor(TorchFunctionMode):
    """Sees each call on a tensor. `traced` says that sizes are tensors, so that asking for one is no leak yet."""

    def __init__(self, recorder: Recorder, taint: TaintMap, *, traced: bool, careful: bool = False) -> None:
        super().__init__()
        self._recorder = recorder
        self._taint = taint
        self._traced = traced
        self._careful = careful
        self._comparisons: dict[int, tuple[torch.Tensor, Comparison]] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        named = dict(kwargs or {})
        name = queries.name_of(func)
        if self._careful:
            self._rehearse(func, name, args, named)
        arguments = list(tensors_in((args, named)))
        if name in queries.SEVERING_QUERIES:
            self._recorder.guarded(self._severed, name, arguments)
        result = func(*args, **named)
        self._recorder.guarded(self._observe, name, args, named, arguments, result)
        replacement, self._recorder.replacement = self._recorder.replacement, None
        return result if replacement is None else replacement[0]

    def _observe(
        self, name: str, args: tuple[Any, ...], named: dict[str, Any], arguments: list[torch.Tensor], result: Any
    ) -> None:
        """Records what the call gave away, and what its result depends on."""
        if (kind := queries.VALUE_QUERIES.get(name)) is not None:
            self._value(kind, name, arguments, result)
        elif (kind := queries.META_QUERIES.get(name)) is not None and not isinstance(result, torch.Tensor):
            self._fact(kind, name, arguments, result)
        elif name in queries.SHAPE_QUERIES:
            self._sizes(name, args, named, arguments, result)
        else:
            parted = name in queries.COUNT_QUERIES and isinstance(result, (tuple, list))
            if parted and not queries.count_is_given(name, args, named):
                self._counted(name, arguments, result)
            self._flow(name, args, named, arguments, result)
            self._swallowed(name, args, named, result)

    # -- leaks ---------------------------------------------------------------------------------------------------

    def _value(self, kind: str, name: str, arguments: list[torch.Tensor], result: Any) -> None:
        labels = self._union(arguments)
        if kind == "len":
            labels = frozenset().union(*(self._taint.facts("shape", each, 0) for each in arguments))
        if kind != "bool":
            self._recorder.numbers_leaked = True
        comparison = self._comparison_of(arguments[0]) if kind == "bool" and arguments else None
        with _untraced():
            text = describe(int(result) if isinstance(result, torch.Tensor) else result)
        self._recorder.leak(kind, text, subject=f"Tensor.{name}", taint=labels, comparison=comparison, raw=result)

    def _severed(self, name: str, arguments: list[torch.Tensor]) -> None:
        """Runs before the call, for `z.data = x` changes what `z` is."""
        if not arguments:
            return
        with _untraced():
            text = describe(arguments[-1])
        kind = queries.SEVERING_QUERIES[name]
        self._recorder.leak(kind, text, subject=f"Tensor.{name.partition('.')[0]}", taint=self._union(arguments))

    def _fact(self, kind: str, name: str, arguments: list[torch.Tensor], result: Any) -> None:
        labels = frozenset().union(*(self._taint.facts(kind, each) for each in arguments))
        if not labels:
            return  # a parameter's dtype or a constant's rank: nothing that a call could change
        text = "None" if result is None else describe(result) if kind != "grad" else str(bool(result))
        self._recorder.leak(kind, text, subject=f"Tensor.{name.partition('.')[0]}", taint=labels, raw=result)

    def _sizes(self, name: str, args: tuple[Any, ...], named: dict[str, Any], arguments: list[torch.Tensor], result: Any) -> None:
        if not arguments:
            return
        tensor, one = arguments[0], isinstance(result, (int, torch.Tensor))
        dim = named.get("dim", args[1] if len(args) > 1 else None)
        known = isinstance(dim, int) and name == "size"
        sizes = [(dim if known else None, result)] if one else list(enumerate(result))
        for index, size in sizes:
            at = index % max(tensor.dim(), 1) if index is not None else None
            labels = self._taint.facts("shape", tensor, at)
            if isinstance(size, torch.Tensor):
                self._taint.put(size, labels)
        if not self._traced:
            labels = self._taint.facts("shape", tensor, sizes[0][0] if known else None)
            self._recorder.leak("shape", describe(tuple(size for _, size in sizes)), subject=f"Tensor.{name}", taint=labels)
        elif not one and (ranks := self._taint.facts("rank", tensor)):
            # The number of sizes is Python's: `len(x.shape)`, unpacking and comparing shapes see the rank.
            self._recorder.leak("rank", str(len(result)), subject="Tensor.shape", taint=ranks)

    def _counted(self, name: str, arguments: list[torch.Tensor], parts: Sequence[torch.Tensor]) -> None:
        labels = frozenset().union(*(self._taint.facts("shape", each) for each in arguments[:1]))
        self._recorder.leak("count", str(len(parts)), subject=f"Tensor.{name}", taint=labels)

    def _swallowed(self, name: str, args: tuple[Any, ...], named: dict[str, Any], result: Any) -> None:
        """A size inside of a list argument is read as a number by some calls, unseen by any conversion."""
        lists = [value for value in (*args, *named.values()) if isinstance(value, (list, tuple))]
        sizes = [each for value in lists for each in tensors_in(value) if each.dim() == 0 and self._taint.of(each)]
        outcome = next(tensors_in(result), None)
        if not sizes or outcome is None or not self._is_lost(name, sizes, outcome):
            return
        self._recorder.numbers_leaked = True
        with _untraced():
            text = ", ".join(dict.fromkeys(describe(each) for each in sizes))
        self._recorder.leak("constructor", text, subject=f"torch.{name}", taint=self._union(sizes))

    def _is_lost(self, name: str, sizes: list[torch.Tensor], outcome: torch.Tensor) -> bool:
        if self._traced:
            return not all(reaches(size, outcome) for size in sizes)
        return name in queries.CONSTRUCTORS

    # -- taint ---------------------------------------------------------------------------------------------------

    def _flow(
        self, name: str, args: tuple[Any, ...], named: dict[str, Any], arguments: list[torch.Tensor], result: Any
    ) -> None:
        labels = self._result_labels(name, arguments)
        sized_by = self._sizes_of_result(name, args, named, arguments)
        if queries.mutates(name) and args and isinstance(args[0], torch.Tensor):
            self._taint.add(args[0], labels)
        shared = self._taint.keys(arguments)
        for tensor in tensors_in(result):
            if self._taint.keys((tensor,)) <= shared:
                self._taint.add(tensor, labels)
            else:
                self._taint.put(tensor, labels)
            self._taint.sizes_depend_on(tensor, sized_by)
        if isinstance(result, torch.Tensor):
            self._remember_comparison(name, args, arguments, result)

    def _result_labels(self, name: str, arguments: list[torch.Tensor]) -> Labels:
        labels = self._union(arguments)
        if name in queries.SHAPE_ONLY_RESULTS:
            labels = frozenset().union(*(self._taint.facts("shape", each) for each in arguments))
        if name in queries.RANDOM_RESULTS:
            labels |= {"random"}
        if not arguments and self._recorder.numbers_leaked:
            labels |= {"python"}
        return labels

    def _sizes_of_result(
        self, name: str, args: tuple[Any, ...], named: dict[str, Any], arguments: list[torch.Tensor]
    ) -> Labels:
        """Returns the values that the shape of a result follows."""
        inherited = frozenset().union(*(self._taint.sizes(each) for each in arguments)) if arguments else NOTHING
        if queries.is_data_sized(name, args, named):
            return inherited | self._union(arguments)
        if name == "__getitem__" and len(args) > 1:
            return inherited | self._union(list(_selecting(args[1])))
        if name in queries.SIZED_BY_ARGUMENTS:
            sizes = [each for each in arguments if each.dim() == 0 and not each.is_floating_point()]
            return inherited | self._union(sizes)
        return inherited

    def _union(self, tensors: list[torch.Tensor]) -> Labels:
        return frozenset().union(*(self._taint.of(each) for each in tensors)) if tensors else NOTHING

    # -- comparisons ---------------------------------------------------------------------------------------------

    def _remember_comparison(self, name: str, args: tuple[Any, ...], arguments: list[torch.Tensor], result: torch.Tensor) -> None:
        if name in queries.COMPARISONS and len(args) >= 2:
            with _untraced():
                made = Comparison(queries.COMPARISONS[name], describe(args[0]), describe(args[1]))
            self._comparisons[id(result)] = (result, made)
        elif name in queries.LOGICAL and arguments and (known := self._comparisons.get(id(arguments[0]))) is not None:
            self._comparisons[id(result)] = (result, known[1])

    def _comparison_of(self, tensor: torch.Tensor) -> Comparison | None:
        known = self._comparisons.get(id(tensor))
        return known[1] if known is not None and known[0] is tensor else None

    # -- protection ----------------------------------------------------------------------------------------------

    def _rehearse(self, func: Callable[..., Any], name: str, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Lets an operator fail outside of the tracer, which dies of a failure inside of it that the model then catches."""
        if queries.mutates(name) or "out" in named or name in queries.RANDOM_RESULTS or name in queries.VALUE_QUERIES:
            return
        with _untraced(), torch.no_grad():
            func(*args, **named)


def _selecting(index: object) -> Iterator[torch.Tensor]:
    """The tensors whose values decide how many items are left: masks, and bounds of slices."""
    for part in index if isinstance(index, tuple) else (index,):
        for tensor in tensors_in(part):
            if isinstance(part, slice) or tensor.dtype in (torch.bool, torch.uint8):
                yield tensor


@contextmanager
def _untraced() -> Iterator[None]:
    """Keeps what the sensors themselves compute out of the trace."""
    state = torch._C._get_tracing_state()
    if state is None or _tracer_is_shut_out():
        yield
        return
    torch._C._set_tracing_state(None)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch._C._set_tracing_state(state)  # type: ignore[attr-defined]


def _tracer_is_shut_out() -> bool:
    """Inside of some constructors PyTorch excludes the tracer itself, and dies if the tracing state is set there."""
    return bool(torch._C._dispatch_tls_is_dispatch_key_excluded(_TRACER_KEY))


_TRACER_KEY: Any = torch._C._parse_dispatch_key("Tracer")
untraced = _untraced


@contextmanager
def library_functions_open() -> Iterator[None]:
    """Lets the mode see into PyTorch's Python functions, which otherwise hand it one opaque call.

    `torch.nn.functional.interpolate` asks `has_torch_function` and would dispatch as a whole, its own branches unseen.
    Its answer is made "no" for plain tensors in the modules that only compose other calls.
    """
    names = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")
    modules = [torch.nn.functional, torch.functional, torch.nn.init, torch]
    saved = [(module, name, getattr(module, name)) for module in modules for name in names if hasattr(module, name)]
    for module, name, original in saved:
        setattr(module, name, _only_for_subclasses(original, packed=name == "has_torch_function"))
    try:
        yield
    finally:
        for module, name, original in saved:
            setattr(module, name, original)


_PLAIN = (torch.Tensor, torch.nn.Parameter)


def _only_for_subclasses(original: Callable[..., bool], *, packed: bool) -> Callable[..., bool]:
    def asked(*values: object) -> bool:
        candidates = values[0] if packed else values
        special = any(
            isinstance(each, torch.Tensor) and type(each) not in _PLAIN
            for each in candidates  # type: ignore[attr-defined]
        )
        return original(*values) if special else False

    return asked
