"""Builds one call's values from templates, with the sizes and alternatives that were chosen for it."""

from __future__ import annotations

import random
from collections.abc import Mapping

from torchassay.inputs import tree
from torchassay.inputs.call import Copier
from torchassay.inputs.draw import draw_scalar, draw_tensor
from torchassay.inputs.kinds import Dim, ScalarSpec, TensorSpec, ValueSpec
from torchassay.inputs.template import Branch, Leaf, Node

ABSENT = -1
"""In `alternatives`: leave this optional place out."""


class Builder:
    """Builds one call from templates with sizes and alternatives that are chosen already."""

    def __init__(
        self, rng: random.Random, sizes: Mapping[str, int], alternatives: Mapping[str, int], values: str
    ) -> None:
        self._rng = rng
        self._sizes = sizes
        self._alternatives = alternatives
        self._values = values

    def present(self, node: Node) -> bool:
        if not node.optional:
            return True
        chosen = self._alternatives.get(node.path)
        return self._rng.random() < 0.5 if chosen is None else chosen != ABSENT

    def build(self, node: Node) -> object:
        if isinstance(node, Leaf):
            return self._leaf(node)
        if isinstance(node, Branch):
            return self._branch(node)
        count = len(node.leaf.alternatives)
        chosen = self._alternatives.get(node.path)
        if chosen is None:
            chosen = self._rng.randrange(count + 1)
        return self._leaf(node.leaf, chosen) if chosen < count else self._branch(node.branch)

    def _branch(self, branch: Branch) -> object:
        parts = [(step, node) for step, node in branch.parts if self.present(node)]
        if branch.lengths is not None:
            length = self._sizes[f"len({branch.path})"]
            last = branch.parts[-1][1]
            parts = [(i, parts[i][1] if i < len(parts) else last) for i in range(length)]
        return tree.rebuild(branch.model, [(step, self.build(node)) for step, node in parts])

    def _leaf(self, leaf: Leaf, index: int | None = None) -> object:
        if not leaf.alternatives:
            return Copier().copy(leaf.example)
        if index is None:
            index = self._alternatives.get(leaf.path)
        if index is None or not 0 <= index < len(leaf.alternatives):
            index = self._rng.randrange(len(leaf.alternatives))
        return self._value(leaf.alternatives[index], leaf.example)

    def _value(self, spec: ValueSpec, example: object) -> object:
        if isinstance(spec, ScalarSpec):
            if self._values == "example" and own_type(example) == spec.type:
                return example
            return draw_scalar(spec, self._rng, mode=self._values)
        assert isinstance(spec, TensorSpec)
        shape = tuple(self._size(dim) for dim in spec.dims)
        return draw_tensor(spec, shape, self._rng, mode=self._values, example=example)

    def _size(self, dim: Dim) -> int:
        return dim.size if dim.size is not None else self._sizes[str(dim.symbol)]


def own_type(value: object) -> str:
    return "none" if value is None else type(value).__name__
