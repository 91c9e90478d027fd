"""Copies, while a call is traced, the part of the tracer's graph behind each value that leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from torchassay.sense.recorder import Recorder
from torchassay.sense.taint import TaintMap
from torchassay.sense.tensor_mode import TensorSensor, untraced

_NODES = 20_000
_NUMBERS = ("bool", "int", "index", "item", "len")


@dataclass(frozen=True, slots=True)
class Node:
    """One recorded operator. `operator` is the overload's full name, `constant` what a `prim::Constant` holds."""

    kind: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constant: Any = None


class _Unknown:
    """The value of everything that cannot be computed."""


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True, slots=True)
class Tap:
    """An event of a leak: at `site` of the recorder, a query of this kind made `value` of the graph's value `name`."""

    site: int
    name: str
    kind: str
    value: bool | int | float


@dataclass(slots=True)
class Slices:
    """What was copied: nodes in the order of execution, and for every graph input its place among the known tensors.

    `held` are the places, as `place_of` tells them, of the tensors that the model held before the call: their sizes are
    no input's. Of another tensor in the graph nobody knows which sizes it would have had.
    """

    held: frozenset[object] = frozenset()
    nodes: dict[str, Node] = field(default_factory=dict)
    parameters: dict[str, int] = field(default_factory=dict)
    taps: list[Tap] = field(default_factory=list)
    complete: bool = True

    def add(self, value: Any) -> None:
        """Copies the nodes that `value` depends on, operands first."""
        pending = [(value, False)]
        while pending and len(self.nodes) < _NODES:
            current, ready = pending.pop()
            name = current.debugName()
            if name in self.nodes or name in self.parameters:
                continue
            node = current.node()
            if node.kind() == "prim::Param":
                self._parameter(node)
            elif ready:
                self._copy(node)
            else:
                pending.append((current, True))
                pending.extend((operand, False) for operand in node.inputs())
        self.complete = self.complete and not pending

    def _parameter(self, node: Any) -> None:
        for index, output in enumerate(node.outputs()):
            self.parameters[output.debugName()] = index

    def _copy(self, node: Any) -> None:
        kind = node.kind()
        constant = node.output().toIValue() if kind == "prim::Constant" else None
        if isinstance(constant, torch.Tensor) and constant.dim() > 0 and place_of(constant) not in self.held:
            constant = UNKNOWN
        operator = node.schema().partition("(")[0] if kind.startswith("aten::") else ""
        names = [tuple(value.debugName() for value in side) for side in (node.inputs(), node.outputs())]
        copied = Node(kind, operator, names[0], names[1], constant)
        for name in names[1]:
            self.nodes[name] = copied

    def behind(self, names: list[str]) -> list[Node]:
        """The nodes that some values depend on, in the order of execution."""
        wanted: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in wanted and name in self.nodes:
                wanted.add(name)
                pending.extend(self.nodes[name].inputs)
        found = {id(node): node for name, node in self.nodes.items() if name in wanted}
        return list(found.values())


def place_of(tensor: torch.Tensor) -> object:
    """Where a tensor lies in memory, and in which sizes; None where there is no such place."""
    with untraced():  # the tracer makes tensors of sizes
        if tensor.layout != torch.strided or not tensor.numel():
            return None
        return (tensor.data_ptr(), tensor.dtype, tuple(tensor.shape), tensor.stride())


class SlicingSensor(TensorSensor):
    """A sensor that also copies what leads to each number that leaks."""

    def __init__(self, recorder: Recorder, taint: TaintMap, slices: Slices, *, careful: bool = False) -> None:
        super().__init__(recorder, taint, traced=True, careful=careful)
        self._slices = slices

    def _value(self, kind: str, name: str, arguments: list[torch.Tensor], result: Any) -> None:
        before = len(self._recorder.events)
        super()._value(kind, name, arguments, result)
        if len(self._recorder.events) > before and kind in _NUMBERS and arguments:
            self._tap(self._recorder.events[-1][0], kind, arguments[0], result)

    def _counted(self, name: str, arguments: list[torch.Tensor], parts: Sequence[torch.Tensor]) -> None:
        before = len(self._recorder.events)
        super()._counted(name, arguments, parts)
        if len(self._recorder.events) == before or not parts or torch._C._get_tracing_state() is None:
            return
        node = torch._C._get_value_trace(parts[0]).node()  # type: ignore[attr-defined]
        if node.kind() == "prim::ListUnpack":
            whole = node.input()
            self._slices.add(whole)
            self._slices.taps.append(Tap(self._recorder.events[-1][0], whole.debugName(), "count", len(parts)))

    def _tap(self, site: int, kind: str, source: torch.Tensor, result: Any) -> None:
        if torch._C._get_tracing_state() is None:
            return
        value = torch._C._get_value_trace(source)  # type: ignore[attr-defined]
        self._slices.add(value)
        with untraced():
            number = int(result) if isinstance(result, torch.Tensor) else result
        self._slices.taps.append(Tap(site, value.debugName(), kind, number))
