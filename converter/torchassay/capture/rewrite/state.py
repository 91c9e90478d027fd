"""State: attributes, variables and containers that change while the model runs, and what each holds."""

from __future__ import annotations

from typing import Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused, Restart
from torchassay.capture.rewrite.facts import Facts
from torchassay.capture.rewrite.layout import Layout


class State:
    """What is known to change; a change that comes to light is noted, and raises Restart."""

    def __init__(self, facts: Facts, layout: Layout) -> None:
        self.facts = facts
        self.layout = layout

    def type_of(self, path: str, attribute: str) -> T.Type | None:
        """The type of an attribute that changes while the model runs; None for one that is fixed."""
        return self.facts.state.get((path, attribute))

    def widen(self, path: str, attribute: str, kind: T.Type) -> T.Type:
        """Lets an attribute hold `kind` too; what was specialised before knows less, so it starts again."""
        known = self.facts.state.get((path, attribute))
        if known is None:
            module = self.layout.module_at(path)
            if attribute in module._modules:
                raise Refused(f"submodule `{attribute}` is replaced while the model runs", "select among fixed modules")
            known = T.type_of(getattr(module, attribute, None)) if hasattr(module, attribute) else kind
        joined = T.join(known, kind)
        if joined is None or joined == T.ANY:
            raise Refused(f"attribute `{attribute}` holds values of different types", "give it one type")
        if self.facts.state.get((path, attribute)) != joined:
            self.facts.state[(path, attribute)] = joined
            raise Restart
        return joined

    def settle_empty(self, origin: tuple[str, int, int], kind: T.Type) -> None:
        """The items of an empty list display became known after it was written: it starts again with its type."""
        known = self.facts.empty.get(origin)
        joined = kind if known is None else T.join(known, kind)
        if joined is None or joined in (known, T.ANY):
            raise Refused("items of different types are put into one container", "give the items one type")
        self.facts.empty[origin] = joined
        raise Restart

    def claim(self, data: Any) -> None:
        """A container that is changed under another name: where an attribute holds it, that attribute is state."""
        for module in self.layout.modules():
            path = self.layout.path_of(module) or ""
            for label, item in vars(module).items():
                if item is data and (path, label) not in self.facts.state:
                    self.widen(path, label, T.type_of(data))
