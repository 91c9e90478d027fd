"""The entry of a rewritten model: its parameters typed by the recorded calls, its result in TorchScript's terms."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import torch

from torchassay.capture import arguments as binding
from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.coerce import coerce
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import call_static
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.modules import call_module
from torchassay.capture.rewrite.results import result_code
from torchassay.capture.rewrite.source import function_node
from torchassay.capture.rewrite.specialise import Generated, Specialiser
from torchassay.capture.rewrite.values import Dynamic, Static, Struct, Value, call, literal, name
from torchassay.inputs import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torchassay.inputs.call import Call


def enter(spec: Specialiser, method: str, calls: Sequence[Call], *, expose: bool) -> str:
    """Specialises the model's method for calls like these; the name of the generated entry."""
    function = getattr(spec.model, method)
    signature = binding.signature_of(function)
    given = [binding.bind(signature, call) for call in calls]
    frame = Frame(spec, _file(function), {}, "", "entry")
    parameters, values = _parameters(signature, given, frame, expose)
    spec.methods.setdefault("", {})
    entry = method
    spec.methods[""][entry] = _reserved(spec, function)

    def run(chosen: dict[str, Value]) -> Value:
        call = binding.rebuild(_shape(signature, given, chosen), chosen)
        args: list[Any] = list(call.args)
        kwargs: dict[str, Any] = dict(call.kwargs)
        if method == "forward":
            return call_module(frame, spec.model, args, kwargs)
        return call_static(frame, function, args, kwargs)

    code, kind = result_code(frame, _by_type(frame, values, run))
    frame.emit(ast.Return(code))
    made = ast.FunctionDef(entry, parameters, frame.out, [], T.annotation(kind) if kind != T.UNKNOWN else None)
    spec.methods[""][entry] = Generated(made, _reserved(spec, function).original, _file(function), "entry")
    _inline_entry(spec, entry)
    return entry


@dataclass(slots=True)
class Absent(Value):
    """One of the `*args` or `**kwargs` that some calls pass and others do not: None stands for none."""

    value: Dynamic


@dataclass(slots=True)
class Alternatives(Value):
    """An argument that is a tensor in one call and a list in another: one value for each type."""

    text: str
    options: list[Dynamic]


def _by_type(frame: Frame, values: dict[str, Value], run: Callable[[dict[str, Value]], Value]) -> Value:
    """Runs the method once for each type that an argument may have."""
    absent = next((text for text, value in values.items() if isinstance(value, Absent)), None)
    if absent is not None:
        return _by_presence(frame, values, absent, run)
    mixed = next((value for value in values.values() if isinstance(value, Alternatives)), None)
    if mixed is None:
        return run(values)

    def turn(number: int) -> Value:
        option = mixed.options[number]
        chosen = {**values, mixed.text: option}
        if number == len(mixed.options) - 1:
            return _by_type(frame, chosen, run)
        test = call("isinstance", name(mixed.text), T.annotation(option.type))
        found = frame.branch(test, lambda: _by_type(frame, chosen, run), lambda: turn(number + 1), taken=number == 0)
        return Static(None) if found is None else found

    return turn(0)


def _by_presence(frame: Frame, values: dict[str, Value], text: str, run: Callable[[dict[str, Value]], Value]) -> Value:
    """Runs the method with and without an argument; without one of `*args` there are no later ones."""
    maybe = values[text]
    assert isinstance(maybe, Absent)
    base = text.rpartition("_")[0]
    later = {other for other in values if other.rpartition("_")[0] == base and isinstance(values[other], Absent)}
    without = {key: value for key, value in values.items() if key != text and key not in later}
    inner = Dynamic(T.bare(maybe.value.type), call("torch.jit._unwrap_optional", maybe.value.code), maybe.value.sample)
    found = frame.branch(
        ast.Compare(maybe.value.code, [ast.Is()], [ast.Constant(None)]),
        lambda: _by_type(frame, without, run),
        lambda: _by_type(frame, {**values, text: frame.temp(inner)}, run),
        taken=False,
    )
    return Static(None) if found is None else found


def _file(function: Any) -> str:
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code.co_filename if code is not None else ""


def _reserved(spec: Specialiser, function: Any) -> Generated:
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    node = function_node(code) if code is not None else None
    if node is None or code is None:
        raise Refused("the source of the model's method cannot be found", "define the class in a file")
    empty = ast.FunctionDef("forward", ast.arguments([], [], None, [], [], None, []), [ast.Pass()], [], None)
    return Generated(empty, node, code.co_filename, spec.model.__class__.__name__)


def _shape(
    signature: inspect.Signature, given: Sequence[tuple[binding.Argument, ...]], values: dict[str, Value]
) -> tuple[binding.Argument, ...]:
    longest = max(given, key=len)
    known = {item.name for item in longest}
    extra = [binding.Argument(text, None, "keyword") for text in values if text not in known]
    return (*[item for item in longest if item.name in values], *extra)


def _parameters(
    signature: inspect.Signature, given: Sequence[tuple[binding.Argument, ...]], frame: Frame, expose: bool
) -> tuple[ast.arguments, dict[str, Value]]:
    names = list(dict.fromkeys(item.name for call in given for item in call))
    if expose:
        names = [text for text in (*signature.parameters, *names) if text in names or _optional(signature, text)]
        names = list(dict.fromkeys(names))
    args: list[ast.arg] = []
    defaults: list[ast.expr] = []
    values: dict[str, Value] = {}
    for text in names:
        found = [item.value for call in given for item in call if item.name == text]
        absent = len(found) < len(given)
        default = _default(signature, text)
        none = isinstance(default, ast.Constant) and default.value is None
        value, kind = parameter(text, found, absent or not found, frame, none_by_default=none)
        values[text] = value
        if found and absent and text not in signature.parameters and isinstance(value, Dynamic):
            values[text], default = Absent(value), ast.Constant(None)
        args.append(ast.arg(text, T.annotation(kind)))
        frame.declared[text] = kind
        if default is not None:
            given_kind = T.type_of(signature.parameters[text].default) if text in signature.parameters else T.NONE
            defaults.append(coerce(default, given_kind, kind))
        elif defaults:
            defaults.clear()
    return ast.arguments([], [ast.arg("self"), *args], None, [], [], None, defaults), values


def _optional(signature: inspect.Signature, text: str) -> bool:
    """A parameter that may be None or a tensor, and was not given."""
    parameter = signature.parameters.get(text)
    if parameter is None or parameter.default is not None or parameter.kind is parameter.VAR_KEYWORD:
        return False
    return torch.Tensor in get_args(parameter.annotation)


def _default(signature: inspect.Signature, text: str) -> ast.expr | None:
    parameter = signature.parameters.get(text)
    if parameter is None or parameter.default is inspect.Parameter.empty:
        return None
    return literal(parameter.default)


def parameter(text: str, found: list[Any], absent: bool, frame: Frame, *, none_by_default: bool = False) -> tuple[Value, T.Type]:
    """One parameter of the entry, with a sample from the recorded calls."""
    sample = next((item for item in found if item is not None), None)
    if sample is not None and _has_fields(sample):
        return _fields(text, sample)
    kind = T.join_all([T.type_of(item) for item in found]) if found else T.NONE
    if kind == T.ANY:
        return _alternatives(text, found)
    if T.ANY in kind.args and kind.name in ("Dict", "List"):
        return _opened(frame, text, kind, found)
    if found and (absent or none_by_default):
        kind = T.optional(kind)
    if kind == T.NONE:
        kind = T.optional(T.TENSOR)
    if kind == T.UNKNOWN:
        raise Refused(f"argument `{text}` has no TorchScript type", "pass tensors, numbers, texts or lists")
    return Dynamic(kind, name(text), sample, ("name", text)), kind


def _alternatives(text: str, found: list[Any]) -> tuple[Value, T.Type]:
    samples: dict[T.Type, Any] = {}
    for item in found:
        samples.setdefault(T.type_of(item), item)
    if T.UNKNOWN in samples or T.NONE in samples or T.ANY in samples:
        raise Refused(f"argument `{text}` has values of different types", "give it one type")
    options = [Dynamic(kind, name(text), item, ("name", text)) for kind, item in samples.items()]
    return Alternatives(text, options), T.Type("Union", tuple(samples))


def _opened(frame: Frame, text: str, kind: T.Type, found: list[Any]) -> tuple[Value, T.Type]:
    """A dict or list whose items have different types: each is checked and taken out in front."""
    keys = [list(item) if kind.name == "Dict" else list(range(len(item))) for item in found]
    if any(other != keys[0] for other in keys):
        raise Refused(f"the items of argument `{text}` have different types", "pass them as separate arguments")
    items: list[Value] = []
    for key in keys[0]:
        part = T.join_all([T.type_of(item[key]) for item in found])
        if part in (T.ANY, T.UNKNOWN, T.NONE) or T.ANY in part.args:
            raise Refused(f"item {key!r} of argument `{text}` has no TorchScript type", "pass it as an argument of its own")
        target = frame.fresh(f"_t_{text}")
        frame.emit_code(f"{target} = {text}[{key!r}]\nassert isinstance({target}, {T.spell(part)})")
        items.append(Dynamic(part, name(target), found[0][key]))
    return Struct(dict if kind.name == "Dict" else list, keys[0], items), kind


def _has_fields(sample: Any) -> bool:
    parts = tree.children(sample)
    return parts is not None and (tree.is_namedtuple(sample) or not isinstance(sample, (tuple, list, dict)))


def _fields(text: str, sample: Any) -> tuple[Value, T.Type]:
    """A named tuple or data class: TorchScript gets a plain tuple of its fields."""
    parts = tree.children(sample) or []
    kinds = [T.type_of(part) for _, part in parts]
    items: list[Value] = [
        Dynamic(kind, ast.Subscript(name(text), ast.Constant(number), ast.Load()), part)
        for number, (kind, (_, part)) in enumerate(zip(kinds, parts, strict=True))
    ]
    return Struct(type(sample), [step for step, _ in parts], items), T.tuple_of(kinds)


def _inline_entry(spec: Specialiser, entry: str) -> None:
    """An entry that only hands its arguments on is replaced by what it calls."""
    methods = spec.methods[""]
    made = methods[entry].node
    if len(made.body) != 1 or not isinstance(made.body[0], ast.Return) or not isinstance(made.body[0].value, ast.Call):
        return
    call = made.body[0].value
    if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "self"):
        return
    callee = methods.get(call.func.attr)
    own = [item.arg for item in made.args.args[1:]]
    passed = [item.id for item in call.args if isinstance(item, ast.Name)]
    if callee is None or [item.arg for item in callee.node.args.args[1:]] != own or passed != own or call.keywords:
        return
    callee.node.name = entry
    callee.node.args.defaults = made.args.defaults
    for item, typed in zip(callee.node.args.args[1:], made.args.args[1:], strict=True):
        item.annotation = typed.annotation
    recursive = any(isinstance(node, ast.Attribute) and node.attr == call.func.attr for node in ast.walk(callee.node))
    if not recursive:
        methods[entry] = callee
        del methods[call.func.attr]
    else:
        callee.node.name = call.func.attr
