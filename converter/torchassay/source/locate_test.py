"""Where an instruction stands decides which statement is named; these tests run real frames to get real positions."""

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from torchassay.source.index import source_file
from torchassay.source.instructions import position_in
from torchassay.source.locate import dropped_at, header_deciding, statement_at
from torchassay.source.statement import Position, Statement


class Probe:
    """Stands for a tensor: notes where it was asked for its truth or its number."""

    def __init__(self, truth: bool, seen: list[tuple[str, Position | None, int]]) -> None:
        self._truth, self._seen = truth, seen

    def _note(self) -> None:
        frame = sys._getframe(2)
        self._seen.append((frame.f_code.co_filename, position_in(frame), frame.f_lineno))

    def __bool__(self) -> bool:
        self._note()
        return self._truth

    def __index__(self) -> int:
        self._note()
        return 2

    def __gt__(self, other: object) -> "Probe":
        return self

    def item(self) -> int:
        self._note()
        return 2


Named = Callable[..., list[Statement]]


@pytest.fixture
def named(tmp_path: Path) -> Named:
    def run(text: str, *truths: bool) -> list[Statement]:
        path = tmp_path / "model.py"
        path.write_text(textwrap.dedent(text))
        source_file.cache_clear()
        scope: dict[str, Callable[..., object]] = {}
        exec(compile(path.read_text(), str(path), "exec"), scope)
        seen: list[tuple[str, Position | None, int]] = []
        scope["f"](*(Probe(truth, seen) for truth in truths))
        return [statement_at(file, position, line=line) for file, position, line in seen]

    return run


def test_an_if(named: Named) -> None:
    (statement,) = named("def f(x):\n    if x > 0:\n        return 1\n    return 2\n", True)
    assert (statement.kind, statement.line, statement.text) == ("if", 2, "if x > 0:")
    assert statement.condition == "x > 0"


def test_an_elif_is_its_own_statement(named: Named) -> None:
    first, second = named("def f(x, y):\n    if x:\n        pass\n    elif y:\n        pass\n", False, True)
    assert (first.line, second.line) == (2, 4)


def test_an_if_over_several_lines_is_named_by_its_keyword(named: Named) -> None:
    text = "def f(x, y):\n    if (\n        x\n        and y\n    ):\n        return 1\n"
    first, second = named(text, True, True)
    assert {(s.kind, s.line, s.text) for s in (first, second)} == {("if", 2, "if x and y:")}


def test_two_ternaries_on_one_line_are_told_apart(named: Named) -> None:
    first, second = named("def f(x, y):\n    return (1 if x else 2) + (3 if y else 4)\n", True, False)
    assert (first.kind, first.condition, second.condition) == ("ternary", "x", "y")
    assert first.column != second.column


def test_a_short_circuit_outside_of_a_test(named: Named) -> None:
    (statement,) = named("def f(x):\n    y = x or 3\n    return 1\n", True)
    assert (statement.kind, statement.condition, statement.text) == ("boolop", "x", "y = x or 3")


def test_a_filter_of_a_comprehension(named: Named) -> None:
    statements = named("def f(x):\n    return [i for i in range(2) if x > 0]\n", True)
    assert {(s.kind, s.condition) for s in statements} == {("comprehension", "x > 0")}


def test_the_range_of_a_comprehension(named: Named) -> None:
    (statement,) = named("def f(n):\n    return [\n        i\n        for i in range(n)\n    ]\n", True)
    assert (statement.kind, statement.line, statement.condition) == ("comprehension", 4, "range(n)")


def test_a_generator_handed_to_any(named: Named) -> None:
    (statement,) = named("def f(x):\n    if any(v for v in (x,)):\n        return 1\n", True)
    assert statement.line == 2


def test_a_lambda_in_a_call(named: Named) -> None:
    (statement,) = named("def f(x):\n    g = lambda v: 1 if v else 2\n    return g(x)\n", True)
    assert (statement.kind, statement.line) == ("ternary", 2)


def test_a_chained_comparison(named: Named) -> None:
    statements = named("def f(x):\n    if x > 0 > -1:\n        return 1\n", True)
    assert {(s.kind, s.line) for s in statements} == {("if", 2)}


def test_a_walrus_in_a_condition(named: Named) -> None:
    (statement,) = named("def f(x):\n    if (n := x.item()) > 1:\n        return n\n", True)
    assert (statement.kind, statement.line) == ("if", 2)


def test_a_match_subject_and_a_guard(named: Named) -> None:
    cases = "        case 2 if y:\n            return 1\n        case _:\n            return 2\n"
    text = "def f(x, y):\n    match x.item():\n" + cases
    subject, guard = named(text, True, True)
    assert (subject.kind, subject.line) == ("match", 2)
    assert guard.kind == "match"


def test_while_for_and_assert(named: Named) -> None:
    text = "def f(x, n):\n    while not x:\n        pass\n    for i in range(n):\n        pass\n    assert x, 'no'\n"
    kinds = [(s.kind, s.line) for s in named(text, True, True)]
    assert kinds == [("while", 2), ("for", 4), ("assert", 6)]


def test_a_chain_of_calls_over_lines_is_named_where_the_value_leaves(named: Named) -> None:
    (statement,) = named("def f(x):\n    n = (x\n         .__gt__(0)\n         .item())\n    return n\n", True)
    assert (statement.kind, statement.line) == ("assign", 4)


def test_a_condition_in_a_branch_belongs_to_that_branch(named: Named) -> None:
    (statement,) = named("def f(x):\n    return x.item() if 1 else 2\n", True)
    assert statement.kind == "return"


def test_an_argument_line_is_named_within_a_long_call(named: Named) -> None:
    (statement,) = named("def f(x):\n    return dict(\n        a=1,\n        b=x.item(),\n    )\n", True)
    assert (statement.line, statement.first_line, statement.last_line) == (4, 2, 5)


def test_columns_count_bytes_as_python_does(named: Named) -> None:
    first, second = named("def f(x, y):\n    return ('ä' if x else 'ö', 1 if y else 2)\n", True, True)
    assert (first.condition, second.condition) == ("x", "y")


def test_code_without_source_is_unknown() -> None:
    statement = statement_at("<string>", Position(3, 3, 0, 4))
    assert (statement.kind, statement.line, statement.text) == ("unknown", 3, "")


def _dropped(tmp_path: Path, text: str, line: int, executed: set[int]) -> tuple[int, ...]:
    path = tmp_path / "model.py"
    path.write_text(textwrap.dedent(text))
    source_file.cache_clear()
    return dropped_at(str(path), None, line, frozenset(executed))


def test_the_other_branch_is_dropped(tmp_path: Path) -> None:
    text = "def f(x):\n    if x:\n        a = 1\n\n        # why\n        b = 2\n    else:\n        a = 3\n    return a\n"
    assert _dropped(tmp_path, text, 2, {2, 8, 9}) == (3, 6)
    assert _dropped(tmp_path, text, 2, {2, 3, 6, 9}) == (8,)


def test_an_early_return_drops_the_rest_of_the_function(tmp_path: Path) -> None:
    text = "def f(x):\n    with y:\n        if x:\n            return 1\n        a = 2\n    return a\n"
    assert _dropped(tmp_path, text, 3, {2, 3, 4}) == (5, 6)
    assert _dropped(tmp_path, text, 3, {2, 3, 5, 6}) == (4,)


def test_a_break_drops_only_the_rest_of_its_loop(tmp_path: Path) -> None:
    text = "def f(x):\n    for i in x:\n        if i:\n            break\n        a = 1\n    return a\n"
    assert _dropped(tmp_path, text, 3, {2, 3, 4, 6}) == (5,)


def test_a_loop_that_never_ran_drops_its_body(tmp_path: Path) -> None:
    text = "def f(x):\n    for i in x:\n        a = 1\n        b = 2\n    return 1\n"
    assert _dropped(tmp_path, text, 2, {2, 5}) == (3, 4)


def test_unexecuted_cases_and_handlers_are_dropped(tmp_path: Path) -> None:
    match = "def f(x):\n    match x:\n        case 1:\n            a = 1\n        case _:\n            a = 2\n"
    assert _dropped(tmp_path, match, 2, {2, 3, 4}) == (6,)
    handler = "def f(x):\n    try:\n        a = 1\n    except ValueError:\n        a = 2\n"
    assert _dropped(tmp_path, handler, 2, {2, 3}) == (5,)


def test_the_header_that_decides_about_a_line(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("def f(x):\n    if x:\n        return 1\n    a = 2\n    return a\n")
    source_file.cache_clear()
    source = source_file(str(path))
    assert source is not None
    assert header_deciding(source, 3, frozenset({2})) == 2
    assert header_deciding(source, 4, frozenset({2})) == 2
