"""Runs recorded operators again for other sizes: numbers as Python computes them, tensors by shape alone.

What this does not know is UNKNOWN, and so is all that is made of it. Equal calls are answered from memory: most layers
of a model repeat each other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

import torch

from torchassay.judge.arithmetic import ARITHMETIC, is_number
from torchassay.judge.slices import UNKNOWN, Node
from torchassay.sense.queries import mutates

_IN_PLACE = frozenset((
    "aten::add_", "aten::sub_", "aten::mul_", "aten::div_", "aten::relu_", "aten::masked_fill_", "aten::fill_",
    "aten::zero_", "aten::copy_", "aten::clamp_", "aten::tanh_", "aten::sigmoid_", "aten::dropout_",
))  # fmt: skip
_META = torch.device("meta")
_REMEMBERED = 200_000


class Replay:
    """Evaluates nodes, and remembers what each operator made of which operands."""

    def __init__(self) -> None:
        self._tensors: dict[tuple[Any, ...], torch.Tensor] = {}
        self._answers: dict[tuple[Any, ...], Any] = {}
        self._plans: dict[str, _Plan] = {}

    def tensor(self, shape: Iterable[int], dtype: torch.dtype) -> torch.Tensor:
        """The stand-in for an input of this shape."""
        return self._one(torch.empty(tuple(shape), dtype=dtype, device=_META))

    def stand_in(self, tensor: torch.Tensor) -> torch.Tensor:
        return self._one(torch.empty_like(tensor, device=_META, requires_grad=False))

    def run(self, nodes: Iterable[Node], values: dict[str, Any]) -> None:
        """Adds the results of the nodes to `values`."""
        for node in nodes:
            operands = [values.get(name, UNKNOWN) for name in node.inputs]
            result: Any = UNKNOWN if any(operand is UNKNOWN for operand in operands) else self._answer(node, operands)
            if len(node.outputs) == 1:
                values[node.outputs[0]] = result
                continue
            whole = isinstance(result, list | tuple) and len(result) == len(node.outputs)
            for index, name in enumerate(node.outputs):
                values[name] = result[index] if whole else UNKNOWN

    def _answer(self, node: Node, operands: list[Any]) -> Any:
        try:
            simple = _simple(node, operands)
            return self._remembered(node, operands) if simple is UNKNOWN else simple
        except Exception:  # a shape that this operator refuses, or a value that it would have to read
            return UNKNOWN

    def _remembered(self, node: Node, operands: list[Any]) -> Any:
        if not node.operator or mutates(node.kind):
            return UNKNOWN
        key = (node.operator, *(_key(operand) for operand in operands))
        if key not in self._answers:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            self._answers[key] = self._computed(node.operator, operands)
        return self._answers[key]

    def _computed(self, operator: str, operands: list[Any]) -> Any:
        plan = self._plans.get(operator) or self._plans.setdefault(operator, _Plan(operator))
        if not plan.makes and not plan.wraps and not _has_tensor(operands):
            return UNKNOWN
        try:
            result = plan.call(operands)
        except Exception:
            return UNKNOWN
        if isinstance(result, torch.Tensor):
            return self._one(result)
        if isinstance(result, list | tuple) and all(isinstance(part, torch.Tensor) for part in result):
            return [self._one(part) for part in result]
        return UNKNOWN

    def _one(self, tensor: torch.Tensor) -> torch.Tensor:
        """The one stand-in of its kind: equal ones are the same object."""
        if tensor.device != _META or tensor.layout is not torch.strided:
            raise NotImplementedError
        return self._tensors.setdefault((tensor.dtype, tensor.shape, tensor.stride()), tensor)


class _Plan:
    """How an overload takes its operands."""

    def __init__(self, operator: str) -> None:
        name, _, overload = operator.removeprefix("aten::").partition(".")
        self._overload = getattr(getattr(torch.ops.aten, name), overload or "default")
        self._arguments = self._overload._schema.arguments
        self._wraps = [str(argument.type) in ("Tensor", "Optional[Tensor]") for argument in self._arguments]
        self.wraps = any(self._wraps)
        self.makes = any(argument.name == "device" for argument in self._arguments)

    def call(self, operands: list[Any]) -> Any:
        plain: list[Any] = []
        named: dict[str, Any] = {}
        for argument, wraps, operand in zip(self._arguments, self._wraps, operands, strict=True):
            value = _wrapped(operand) if wraps else operand
            if argument.name == "device":
                value = _META
            if argument.kwarg_only:
                named[argument.name] = value
            else:
                plain.append(value)
        return self._overload(*plain, **named)


def _simple(node: Node, operands: list[Any]) -> Any:
    """What needs no operator of PyTorch."""
    kind = node.kind
    if kind == "prim::Constant":
        return _constant(node.constant)
    if kind in ("prim::ListConstruct", "prim::TupleConstruct"):
        return list(operands)
    if kind in ("prim::ListUnpack", "prim::TupleUnpack"):
        return operands[0]
    if kind in ("aten::size", "aten::numel", "aten::dim") and isinstance(operands[0], torch.Tensor):
        return _size(kind, operands)
    if kind in _IN_PLACE:
        return operands[0] if isinstance(operands[0], torch.Tensor) else UNKNOWN
    if kind in ARITHMETIC and operands and is_number(operands[0]) and all(_is_plain(operand) for operand in operands):
        with contextlib.suppress(NotImplementedError):
            return ARITHMETIC[kind](*operands)
    return UNKNOWN


def _is_plain(operand: object) -> bool:
    return is_number(operand) or operand is None or isinstance(operand, str | torch.device)


def _size(kind: str, operands: list[Any]) -> Any:
    tensor = operands[0]
    if kind == "aten::numel":
        return tensor.numel()
    if kind == "aten::dim":
        return tensor.dim()
    return tensor.shape[operands[1]] if len(operands) > 1 else list(tensor.shape)


def _constant(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        if value.dim() > 0:
            return torch.empty_like(value, device=_META, requires_grad=False)
        # An integer is computed with exactly; a float rounds by its type.
        whole = not value.is_floating_point() and not value.is_complex()
        return value.item() if whole else torch.empty((), dtype=value.dtype, device=_META)
    return _META if isinstance(value, torch.device) else value


def _wrapped(operand: Any) -> Any:
    """A number where a tensor is expected is one without dimensions."""
    if is_number(operand):
        return torch.empty((), dtype=torch.tensor(operand).dtype, device=_META)
    return operand


def _has_tensor(operands: Iterable[Any]) -> bool:
    flat = [part for operand in operands for part in (operand if isinstance(operand, list) else [operand])]
    return any(isinstance(part, torch.Tensor) for part in flat)


def _key(operand: Any) -> Any:
    """Tells operands apart; stand-ins live as long as the memory does."""
    if isinstance(operand, torch.Tensor):
        return (operand.dtype, operand.shape, operand.stride())
    if isinstance(operand, list):
        return tuple(_key(part) for part in operand)
    return (type(operand), operand)


def apart(nodes: Iterable[Node], inputs: Mapping[str, object]) -> tuple[list[Node], list[Node]]:
    """The nodes that no input reaches, and those that one does."""
    reached = set(inputs)
    fixed: list[Node] = []
    moving: list[Node] = []
    for node in nodes:
        if reached.isdisjoint(node.inputs):
            fixed.append(node)
        else:
            moving.append(node)
            reached.update(node.outputs)
    return fixed, moving
