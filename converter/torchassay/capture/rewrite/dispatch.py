"""Selection among fixed things at run time: a chain of tests, one branch for each."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from torchassay.capture.rewrite import types as T
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.values import (
    MISSING,
    Choice,
    Dynamic,
    Static,
    Struct,
    Value,
    call,
    kind_of,
    literal,
    plain,
    sample_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torchassay.capture.rewrite.frame import Frame


def dispatch(frame: Frame, choice: Choice, use: Callable[[Value], Value]) -> Value:
    """Does the same with whichever option is selected, and joins the results."""

    def turn(number: int) -> Value:
        last = number == len(choice.options) - 1
        if last and not choice.open:
            return use(choice.options[number])
        if number == len(choice.options):
            frame.emit_code("raise RuntimeError('no such item')")
            frame.ended = True
            return Static(None)
        test = choice.tests[number]()
        found = frame.branch(test, lambda: use(choice.options[number]), lambda: turn(number + 1), taken=choice.chosen == number)
        return Static(None) if found is None else found

    return turn(0)


def settle_choice(frame: Frame, choice: Choice) -> Value:
    """The selected value itself, in a variable."""
    return dispatch(frame, choice, lambda option: option)


def choose(frame: Frame, options: Sequence[tuple[Any, Value]], selector: Value, *, default: Value | None = None) -> Value:
    """The option whose key equals `selector`, which is known only at run time."""
    if not options and default is not None:
        return default
    keyed = _selector(frame, selector, [key for key, _ in options])
    literal_form = _literal(frame, options, keyed, default)
    return literal_form if literal_form is not None else _choice(options, keyed, default)


def choose_object(frame: Frame, options: Sequence[tuple[Any, Value]], selector: Value) -> Value:
    """Like `choose`, for objects that are more than the number or text that they equal: members of an `IntEnum`."""
    return _choice(options, _selector(frame, selector, [key for key, _ in options]), None)


def _choice(options: Sequence[tuple[Any, Value]], keyed: Value, default: Value | None) -> Choice:
    tests = [_test(keyed, key) for key, _ in options]
    sample = sample_of(keyed)
    chosen = next((n for n, (key, _) in enumerate(options) if sample is not MISSING and key == plain(sample)), 0)
    values = [value for _, value in options]
    if default is not None:
        return Choice([*tests, lambda: ast.Constant(True)], [*values, default], chosen, open=False)
    return Choice(tests, values, chosen)


SOME = T.ANY  # what a test tells about one of several objects: that it is not None


def narrowed(choice: Choice, kind: T.Type | None) -> Value:
    """The options that a test on the way here left open."""
    if kind == T.NONE:
        return Static(None)
    if kind is None or not any(_is_none(option) for option in choice.options):
        return choice
    kept = [number for number, option in enumerate(choice.options) if not _is_none(option)]
    if len(kept) == 1 and not choice.open:
        return choice.options[kept[0]]
    chosen = kept.index(choice.chosen) if choice.chosen in kept else 0
    return Choice([choice.tests[number] for number in kept], [choice.options[number] for number in kept], chosen, choice.open)


def _is_none(value: Value) -> bool:
    return isinstance(value, Static) and value.data is None


def _selector(frame: Frame, selector: Value, keys: list[Any]) -> Value:
    if isinstance(selector, Struct):
        return Struct(selector.kind, list(selector.keys), [_selector(frame, item, keys) for item in selector.items])
    if isinstance(selector, Dynamic) and T.is_tensor(selector.type) and all(isinstance(k, int) for k in keys):
        sample = selector.sample
        number = int(sample) if sample is not MISSING else MISSING
        return frame.temp(Dynamic(T.INT, call("int", selector.code), number))
    return frame.once(selector)


def _test(selector: Value, key: Any) -> Callable[[], ast.expr]:
    def build() -> ast.expr:
        if isinstance(selector, Struct):
            parts = [_test(item, part)() for item, part in zip(selector.items, key, strict=True)]
            return ast.BoolOp(ast.And(), parts)
        if isinstance(selector, Static):
            return ast.Constant(selector.data == key)
        code = literal(key)
        if not isinstance(selector, Dynamic) or code is None:
            raise Refused("a key of this table cannot be written in TorchScript", "use numbers or texts as keys")
        return ast.Compare(selector.code, [ast.Eq()], [code])

    return build


def _literal(frame: Frame, options: Sequence[tuple[Any, Value]], selector: Value, default: Value | None) -> Value | None:
    """A table of numbers or texts needs no branches: TorchScript has lists and dicts."""
    kinds = {kind_of(value) for _, value in options}
    if len(kinds) != 1 or not isinstance(selector, Dynamic):
        return None
    kind = kinds.pop()
    if default is not None and not (_is_none(default) and kind in (T.FLOAT, T.TENSOR)):
        return None  # a number that selects something is better known as one of several
    keys = {type(key) for key, _ in options}
    fixed = all(isinstance(value, Static) for _, value in options)
    if (
        not (kind in (T.INT, T.FLOAT, T.BOOL, T.STR) or (kind == T.TENSOR and fixed))
        or len(keys) != 1
        or not keys <= {int, str, float}
    ):
        return None
    values = [frame.lower(value) for _, value in options]
    codes = [literal(key) for key, _ in options]
    if any(item is None for item in (*values, *codes)):
        return None
    table = ast.Dict(list(codes), [value for value in values if value is not None])
    sample = sample_of(selector)
    known = {key: sample_of(value) for key, value in options}
    found = MISSING if sample is MISSING else known.get(sample, MISSING if default is None else None)
    if default is not None:
        code = ast.Call(ast.Attribute(table, "get", ast.Load()), [selector.code], [])
        return Dynamic(T.optional(kind), code, found) if {T.type_of(key) for key in known} == {selector.type} else None
    return Dynamic(kind, ast.Subscript(table, selector.code, ast.Load()), found)


def choose_index(frame: Frame, items: Sequence[Value], selector: Value) -> Value:
    """The item of a fixed sequence at a position that is known only at run time; negative ones count too."""
    count = len(items)
    if isinstance(selector, Dynamic) and T.is_tensor(selector.type):
        number = int(selector.sample) if selector.sample is not MISSING else MISSING
        selector = frame.temp(Dynamic(T.INT, call("int", selector.code), number))
    simple = _listed(frame, items, selector)
    if simple is not None:
        return simple
    held = frame.once(selector)
    if not isinstance(held, Dynamic):
        raise Refused("a sequence is indexed by something that is no number")
    code = held.code

    def test(position: int) -> Callable[[], ast.expr]:
        return lambda: ast.Compare(code, [ast.In()], [ast.List([ast.Constant(position), _minus(count - position)], ast.Load())])

    sample = held.sample if held.sample is not MISSING else 0
    chosen = int(sample) % count if count else 0
    return Choice([test(position) for position in range(count)], list(items), chosen)


def _minus(number: int) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(number))


def _listed(frame: Frame, items: Sequence[Value], selector: Value) -> Value | None:
    kinds = {kind_of(item) for item in items}
    if len(kinds) != 1 or not isinstance(selector, Dynamic):
        return None
    kind = kinds.pop()
    if kind not in (T.INT, T.FLOAT, T.BOOL, T.STR, T.TENSOR):
        return None
    codes = [frame.lower(item) for item in items]
    if any(code is None for code in codes):
        return None
    listed = ast.List([code for code in codes if code is not None], ast.Load())
    sample = sample_of(items[int(selector.sample) % len(items)]) if selector.sample is not MISSING else MISSING
    return Dynamic(kind, ast.Subscript(listed, selector.code, ast.Load()), sample)


def options_of(value: Choice, get: Callable[[Value], Value]) -> Choice:
    """The same selection among parts of the options."""
    return Choice(value.tests, [get(option) for option in value.options], value.chosen, value.open)
