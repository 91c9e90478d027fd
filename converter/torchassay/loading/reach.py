"""Walks over everything that a model can reach: attributes, containers, closures, and the classes and globals outside."""

from __future__ import annotations

import collections
import functools
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch

from torchassay.base.child import file_of_class, is_user_file

Part = tuple[str, object]
Namespace = tuple[str, dict[str, Any]]

ATOMS = (int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size)
# What an object of a library holds is its own business, save where it is made to hold what others put in.
_LIBRARIES = frozenset(("torch", "torchassay", "numpy")) | sys.stdlib_module_names
_HOLDERS = frozenset(("argparse", "collections", "queue", "types"))


def is_own_file(name: str) -> bool:
    """Whether a file is the user's own, and no installed package's."""
    return is_user_file(name) and "site-packages" not in name


def objects(
    roots: Iterable[object],
    *,
    own: bool = False,
    enters: Callable[[str], bool] = is_own_file,
    omits: Callable[[object], bool] = lambda _: False,
) -> Iterator[Part]:
    """Every object below some roots with its path, depth first and each once; atoms and what `omits` are left out.

    Classes and global variables are gone into where their file `enters`. With `own`, only what a copy of the roots would
    have of its own: no classes, and no globals of a function.
    """
    seen: set[int] = set()
    alive: list[object] = []  # ids stay valid only while their objects live
    stack: list[Part] = [("", root) for root in roots]
    while stack:
        path, value = stack.pop()
        if isinstance(value, ATOMS) or id(value) in seen or (own and isinstance(value, type)) or omits(value):
            continue
        seen.add(id(value))
        alive.append(value)
        yield path, value
        parts = list(_parts(path, value))
        if not own:
            parts += _outside(value, enters)
        stack.extend(reversed(parts))


def reachable_tensors(root: object) -> list[torch.Tensor]:
    """Every tensor that an object holds, however deep: parameters, buffers, and those in lists, closures, globals."""
    return [value for _, value in objects([root]) if isinstance(value, torch.Tensor)]


def attributes(value: object) -> dict[str, object]:
    """What an object holds under names, in its dictionary and in its slots."""
    found = dict(getattr(value, "__dict__", {}))
    for name in slots_of(type(value)):
        if hasattr(value, name):
            found[name] = getattr(value, name)
    return found


def slots_of(kind: type) -> list[str]:
    """The names in `__slots__` of a class and its bases."""
    names: list[str] = []
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else list(slots)
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def names_of(code: types.CodeType) -> list[str]:
    """The names of globals and attributes in a function's code and in the functions nested in it, each once."""
    nested = (name for part in code.co_consts if isinstance(part, types.CodeType) for name in names_of(part))
    return list(dict.fromkeys((*code.co_names, *nested)))


def namespaces_of(function: types.FunctionType, enters: Callable[[str], bool] = is_own_file) -> Iterator[Namespace]:
    """Where the global variables of a function stand: in its own file, and in modules that it names, if their file `enters`."""
    yield "", function.__globals__
    for name in names_of(function.__code__):
        value = function.__globals__.get(name)
        if isinstance(value, types.ModuleType) and enters(getattr(value, "__file__", None) or "<none>"):
            yield f"{name}.", vars(value)


def is_users(kind: type) -> bool:
    """Whether a class stands in a file of the user's own."""
    return is_own_file(file_of_class(kind))


def is_plain_object(value: object) -> bool:
    """Whether an object is what its attributes are: a module, or an instance of a class in Python that is no library's."""
    if isinstance(value, types.ModuleType | torch.jit.ScriptModule | type):
        return False
    if isinstance(value, torch.nn.Module):
        return True
    if not hasattr(value, "__dict__") and not slots_of(type(value)):
        return False
    root = type(value).__module__.partition(".")[0]
    return root in _HOLDERS or root not in _LIBRARIES or is_users(type(value))


def is_lru_cache(value: object) -> bool:
    """Whether a function was decorated by `functools.cache` or `lru_cache`."""
    return isinstance(value, functools._lru_cache_wrapper)


def _parts(path: str, value: object) -> Iterator[Part]:
    """What can be reached from a value in one step."""
    for kinds, parts in _PARTS:
        if isinstance(value, kinds):
            yield from parts(path, value)
            break
    if is_lru_cache(value):
        yield path, getattr(value, "__wrapped__", None)
    if is_plain_object(value):
        yield from ((_join(path, name), item) for name, item in attributes(value).items())


def _outside(value: object, enters: Callable[[str], bool]) -> Iterator[Part]:
    """What a copy of a value would share with it: classes, what they define, and global variables."""
    if isinstance(value, types.FunctionType):
        yield from _globals_of(value, enters)
    elif isinstance(value, type):
        if enters(file_of_class(value)):
            yield from ((f"{value.__name__}.{name}", item) for name, item in list(vars(value).items()))
            yield from ((base.__name__, base) for base in value.__mro__[1:])
    elif is_plain_object(value):
        yield from ((base.__name__, base) for base in type(value).__mro__ if enters(file_of_class(base)))


def _of_mapping(path: str, value: Any) -> Iterator[Part]:
    return ((_join(path, key), item) for key, item in list(value.items()))


def _of_sequence(path: str, value: Any) -> Iterator[Part]:
    return ((f"{path}[{index}]", item) for index, item in enumerate(list(value)))


def _of_partial(path: str, value: Any) -> Iterator[Part]:
    return ((path, part) for part in (value.func, value.args, value.keywords))


def _of_function(path: str, value: Any) -> Iterator[Part]:
    yield from ((name, cell) for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True))
    yield path, value.__defaults__
    yield path, vars(value)
    yield path, getattr(value, "__wrapped__", None)


def _globals_of(function: types.FunctionType, enters: Callable[[str], bool]) -> Iterator[Part]:
    """The global variables that a function names."""
    if enters(function.__code__.co_filename):
        for prefix, space in namespaces_of(function, enters):
            yield from ((prefix + name, space[name]) for name in names_of(function.__code__) if name in space)


def _of_method(path: str, value: Any) -> Iterator[Part]:
    return ((path, part) for part in (value.__func__, value.__self__))


def _of_closure(path: str, value: Any) -> Iterator[Part]:
    if value != types.CellType():  # an unbound cell has no contents to ask for
        yield path, value.cell_contents


def _of_property(path: str, value: Any) -> Iterator[Part]:
    yield from ((path, part) for part in (value.fget, value.fset))


def _of_wrapper(path: str, value: Any) -> Iterator[Part]:
    yield path, value.__func__


def _join(path: str, key: object) -> str:
    if key in ("_parameters", "_buffers", "_modules"):
        return path
    return f"{path}.{key}" if path else str(key)


_PARTS: tuple[tuple[Any, Callable[[str, Any], Iterator[Part]]], ...] = (
    (dict, _of_mapping),
    ((list, tuple, set, frozenset, collections.deque), _of_sequence),
    (functools.partial, _of_partial),
    (types.FunctionType, _of_function),
    (types.MethodType, _of_method),
    (types.CellType, _of_closure),
    (property, _of_property),
    ((staticmethod, classmethod), _of_wrapper),
)
