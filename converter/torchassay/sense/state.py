"""What a call leaves changed: attributes, buffers, globals, closures, generators; and the line that changed each.

Two passes: compare the state before and after a call; if anything differs, run again and look at just those parts
after every line, as a debugger's watchpoint does.
"""

from __future__ import annotations

import collections
import functools
import hashlib
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from torchassay.loading.generators import fingerprint, generator_state, is_generator
from torchassay.sense.frames import origin_of
from torchassay.sense.recorder import Recorder
from torchassay.sense.values import describe

_DEPTH = 5
_ITEMS = 64
_MODULE_INTERNALS = frozenset(vars(nn.Module()))
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")
_MISSING = object()


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One watched piece of state. `owner` is a module path, a Python module's name, or a class; `label` is for people."""

    kind: str  # "attribute", "buffer", "parameter", "hook", "class", "global", "rng"
    owner: str
    name: str

    @property
    def label(self) -> str:
        """Returns the part as the source would name it."""
        if self.kind in ("attribute", "buffer", "parameter"):
            return f"{self.owner}.{self.name}" if self.owner else f"self.{self.name}"
        if self.kind == "hook":
            return f"a hook of {self.owner}" if self.owner else "a hook"
        return self.name if self.kind == "global" else f"{self.owner.rpartition(':')[2]}.{self.name}"


def parts_of(model: nn.Module) -> list[Part]:
    """Lists the state that a call of `model` might change."""
    # torch's own generator is not among them: a trace records each draw from it.
    parts = [Part("rng", "random", "getstate")]
    if "numpy.random" in sys.modules:
        parts.append(Part("rng", "numpy.random", "get_state"))
    for path, module in model.named_modules():
        parts.extend(Part("attribute", path, name) for name in vars(module) if name not in _MODULE_INTERNALS)
        parts.extend(Part("hook", path, name) for name in _HOOKS if vars(module).get(name))
        parts.extend(Part("buffer", path, name) for name in module._buffers)
        parts.extend(Part("parameter", path, name) for name in module._parameters)
        parts.extend(Part("class", _class_key(kind), name) for kind in type(module).__mro__ for name in _class_data(kind))
    main = sys.modules.get("__main__")  # the program that converts, under whatever names it is known
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and origin_of(file) == "user" and module is not main:
            parts.extend(Part("global", name, key) for key, value in vars(module).items() if _is_data(key, value))
    return sorted(set(parts))


def _class_key(owner: type) -> str:
    return f"{owner.__module__}:{owner.__qualname__}"


def _class_data(owner: type) -> list[str]:
    file = getattr(sys.modules.get(owner.__module__), "__file__", None)
    if not isinstance(file, str) or origin_of(file) != "user":
        return []
    return [name for name, value in vars(owner).items() if _is_data(name, value)]


def _is_data(name: str, value: object) -> bool:
    if name.startswith("__") or isinstance(value, (types.ModuleType, type, nn.Module, classmethod, staticmethod, property)):
        return False
    if isinstance(value, types.FunctionType):
        return bool(value.__closure__ or value.__defaults__ or value.__kwdefaults__ or vars(value))
    return not isinstance(value, (types.BuiltinFunctionType, types.MethodType)) and type(value).__module__ != "typing"


class StateReader:
    """Reads and fingerprints the parts of one model."""

    def __init__(self, model: nn.Module) -> None:
        self._modules = dict(model.named_modules())
        self._classes = {_class_key(kind): kind for module in self._modules.values() for kind in type(module).__mro__}

    def value(self, part: Part) -> object:
        """Returns the present value of a part, or a marker where it does not exist."""
        if part.kind == "rng":
            return getattr(sys.modules[part.owner], part.name)()
        if part.kind == "global":
            return vars(sys.modules[part.owner]).get(part.name, _MISSING)
        if part.kind == "class":
            return vars(self._classes[part.owner]).get(part.name, _MISSING)
        module = self._modules[part.owner]
        table = {"buffer": module._buffers, "parameter": module._parameters}.get(part.kind, vars(module))
        return table.get(part.name, _MISSING)

    def put(self, part: Part, value: object) -> None:
        """Sets an attribute, a buffer or a parameter; a marker of absence removes it."""
        module = self._modules[part.owner]
        tables: dict[str, dict[str, Any]] = {"buffer": module._buffers, "parameter": module._parameters}
        table = tables.get(part.kind, module.__dict__)
        if value is _MISSING:
            table.pop(part.name, None)
        else:
            table[part.name] = value

    def fingerprint(self, part: Part) -> str:
        """Returns a text that changes when the part does. Within one process only: it holds identities."""
        try:
            # The model's own modules are watched by themselves: they are not looked into again.
            return _fingerprint(self.value(part), 0, {id(module) for module in self._modules.values()})
        except Exception as error:  # the user's objects may refuse to be read
            return f"unreadable {type(error).__name__}"


def _fingerprint(value: object, depth: int, seen: set[int]) -> str:
    if value is _MISSING:
        return "missing"
    if isinstance(value, torch.Tensor):
        return f"tensor {id(value)} {_version(value)} {_pointer(value)}"
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value) if not isinstance(value, (str, bytes)) or len(value) < _ITEMS else f"{hash(value)}"
    if depth > _DEPTH or id(value) in seen:
        return f"object {id(value)}"
    seen.add(id(value))
    inner = _inner(value)
    if inner is None:
        return _opaque(value)
    return f"{type(value).__name__}({','.join(_fingerprint(part, depth + 1, seen) for part in inner)})"


def _inner(value: object) -> list[object] | None:
    """Returns what an object consists of, or None where it cannot be looked into."""
    if isinstance(value, Mapping):
        return [len(value), *(part for pair in list(value.items())[-_ITEMS:] for part in pair)]
    if isinstance(value, (list, tuple, collections.deque)):
        return [len(value), *(value[index] for index in range(max(0, len(value) - _ITEMS), len(value)))]
    if isinstance(value, (set, frozenset)):
        return [len(value), *sorted(map(repr, value))[:_ITEMS]]
    if is_generator(value):
        return [hashlib.sha1(fingerprint(generator_state(value)), usedforsecurity=False).hexdigest()]
    if isinstance(value, functools._lru_cache_wrapper):
        return [value.cache_info().currsize]
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if cell != types.CellType()]
        return [*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), vars(value)]
    if isinstance(value, types.GeneratorType):
        return [value.gi_frame.f_lasti, *value.gi_frame.f_locals.values()] if value.gi_frame else ["finished"]
    if isinstance(value, nn.Module):
        own = [part for name, part in vars(value).items() if name not in _MODULE_INTERNALS]
        return [*own, *value._buffers.values()]
    return _inner_of_object(value)


def _inner_of_object(value: object) -> list[object] | None:
    module = type(value).__module__
    if module == "numpy" and hasattr(value, "tobytes"):
        return [value.tobytes()[:65536]]
    if isinstance(value, types.ModuleType | type):
        return None
    if module == "itertools" or type(value).__name__.endswith("_iterator"):
        return [repr(value.__reduce__()) if hasattr(value, "__reduce__") else repr(value)]
    state = getattr(value, "__dict__", None)
    slots = [getattr(value, name, None) for name in getattr(type(value), "__slots__", ()) if isinstance(name, str)]
    return [*state.values(), *slots] if isinstance(state, dict) else (slots or None)


def _opaque(value: object) -> str:
    return f"object {id(value)}"


def _version(tensor: torch.Tensor) -> int:
    try:
        return tensor._version
    except RuntimeError:  # inference tensors keep no version
        return 0


def _pointer(tensor: torch.Tensor) -> object:
    """The data itself for small tensors, a sample of large ones: `.data.copy_` changes no version."""
    try:
        if tensor.device.type != "cpu" or tensor.layout is not torch.strided:
            return tensor.data_ptr()
        if tensor.numel() <= _ITEMS * _ITEMS:
            return describe(tensor)
        sample = tensor.detach().as_strided((_ITEMS,), (max(1, tensor.numel() // _ITEMS),)) if tensor.is_contiguous() else tensor
        return (tensor.data_ptr(), describe(sample))
    except RuntimeError:
        return 0


class Watchpoints:
    """Looks at some parts after every line, and blames the line before a change."""

    def __init__(self, model: nn.Module, parts: list[Part], recorder: Recorder) -> None:
        self._reader = StateReader(model)
        self._recorder = recorder
        self._last = {part: self._reader.fingerprint(part) for part in parts}
        self._chain: tuple[tuple[types.CodeType, int, str], ...] = ()
        self._changes: dict[Part, int] = {}

    def on_line(self, frame: types.FrameType) -> None:
        """Called before a line of the model's code runs, and when a function returns."""
        self.check()
        self._chain = self._recorder.reader.chain(frame)

    def check(self) -> None:
        """Records each part that changed since the last look."""
        with torch._C.DisableTorchFunction():
            for part, before in list(self._last.items()):
                now = self._reader.fingerprint(part)
                if now != before:
                    self._last[part] = now
                    self._blame(part, before, now)

    def _blame(self, part: Part, before: str, now: str) -> None:
        kind = _kind_of_change(part, before, now)
        value = self._reader.value(part)
        shown = "" if part.kind in ("rng", "hook") or value is _MISSING else describe(value)
        taint = frozenset(("buffer",)) if kind == "buffer" else frozenset((f"state:{part.label}",))
        self._recorder.leak(kind, shown, subject=part.label, taint=taint, chain=self._chain)


def _kind_of_change(part: Part, before: str, now: str) -> str:
    if part.kind == "rng":
        return "rng"
    if part.kind in ("buffer", "parameter"):
        same_object = before.split(" ")[:2] == now.split(" ")[:2] and now.startswith("tensor")
        # A change in place is an operation that a trace records, unless it went behind autograd's back.
        recorded = same_object and before.split(" ")[2:3] != now.split(" ")[2:3]
        return "buffer" if recorded else "attribute"
    return "global" if part.kind in ("global", "class", "hook") else "attribute"


def changed_parts(model: nn.Module, run: Callable[[], None]) -> list[Part]:
    """Runs something and returns the parts of the model's state that it changed, added or removed."""
    reader = StateReader(model)
    before = {part: reader.fingerprint(part) for part in parts_of(model)}
    kept = [reader.value(part) for part in before]  # holds every object, so that no identity is used twice
    run()
    after = {part: reader.fingerprint(part) for part in {*before, *parts_of(model)}}
    del kept
    return sorted(part for part, now in after.items() if before.get(part, "missing") != now)


@contextmanager
def no_grad_flags_changed() -> Iterator[None]:
    """Restores the global switches of torch that a forward may leave flipped."""
    grad, default = torch.is_grad_enabled(), torch.get_default_dtype()
    try:
        yield
    finally:
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(default)
