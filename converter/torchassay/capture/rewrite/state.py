"""State: attributes, variables and containers that change while the model runs, and what each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused, Restart
from torchassay.capture.rewrite.facts import Facts
from torchassay.capture.rewrite.values import Dynamic, Value, expression

if TYPE_CHECKING:
    from torchassay.capture.rewrite.frame import Frame


class State:
    """What is known to change; a change that comes to light is noted, and raises Restart."""

    def __init__(self, model: nn.Module, facts: Facts) -> None:
        self.model = model
        self.facts = facts

    def type_of(self, path: str, attribute: str) -> T.Type | None:
        """The type of an attribute that changes while the model runs; None for one that is fixed."""
        return self.facts.state.get((path, attribute))

    def widen(self, path: str, attribute: str, kind: T.Type) -> T.Type:
        """Lets an attribute hold `kind` too; what was specialised before knows less, so it starts again."""
        known = self.facts.state.get((path, attribute))
        if known is None:
            module = self.model.get_submodule(path)
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

    def make_global(self, frame: Frame, text: str) -> None:
        """A variable of the source file that is assigned in `forward` becomes state of the module that does it."""
        place = (frame.file, text)
        known = self.facts.variables.get(place)
        if known == frame.host:
            module = self.model.get_submodule(frame.host)
            setattr(module, f"_global_{text}", getattr(module, f"_global_{text}", frame.globals.get(text)))
            return
        if known is not None:
            raise Refused(f"the global variable `{text}` is changed by several modules", "keep it in one module")
        self.facts.variables[place] = frame.host
        raise Restart

    def global_attribute(self, frame: Frame, text: str) -> str | None:
        """The attribute that stands for such a variable in a frame that does not bind it itself."""
        host = self.facts.variables.get((frame.file, text))
        if host is None or text in frame.env:
            return None
        if host != frame.host:
            raise Refused(f"the global variable `{text}` is changed by another module", "keep it in one module")
        module = self.model.get_submodule(host)
        if not hasattr(module, f"_global_{text}"):
            setattr(module, f"_global_{text}", frame.globals.get(text))
        return f"_global_{text}"

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
        for path, module in self.model.named_modules():
            for label, item in vars(module).items():
                if item is data and (path, label) not in self.facts.state:
                    self.widen(path, label, T.type_of(data))

    def share(self, data: Any, label: str) -> None:
        """A container of the source file that is changed in `forward` becomes state of the modules that use it."""
        self.facts.shared[id(data)] = (f"_global_{label.strip('_')}", data)
        raise Restart

    def shared_value(self, frame: Frame, data: Any) -> Value | None:
        """The attribute that stands for such a container in the module at work; None for another object."""
        if id(data) not in self.facts.shared:
            return None
        attribute, content = self.facts.shared[id(data)]
        module = self.model.get_submodule(frame.host)
        if not hasattr(module, attribute):
            setattr(module, attribute, content.copy())
        kind = self.facts.state.setdefault((frame.host, attribute), T.type_of(content))
        code = expression(f"self.{attribute}")
        return Dynamic(kind, code, getattr(module, attribute), ("state", frame.host, attribute))
