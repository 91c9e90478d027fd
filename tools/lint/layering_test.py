"""A room uses only the rooms that the drawing in docs/architecture.md allows it.

The drawing is the data: a line `room (a, b)` says that `room` may use `a` and `b`. Includes and imports are read from the
sources, so neither Bazel's visibility nor a habit can drift away from it.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DRAWING = CHECKOUT / "docs" / "architecture.md"
ROOM_LINE = re.compile(r"^ {2}(\w+)/? +\(([^)]*)\)", re.MULTILINE)
INCLUDE = re.compile(r'^#include "validator/(\w+)/', re.MULTILINE)
LIBTORCH_INCLUDE = re.compile(r'^#include [<"](torch|ATen|c10)/', re.MULTILINE)


def rooms_of(half: str) -> dict[str, set[str]]:
    """The allowed uses of each room of one half, from the code block that starts with the half's name."""
    block = re.search(rf"^```\n{half}\n(.*?)^```", DRAWING.read_text(), re.MULTILINE | re.DOTALL)
    assert block, f"docs/architecture.md has no drawing of {half}"
    return {
        room: {used.strip() for used in uses.split(",") if used.strip()}
        for room, uses in ROOM_LINE.findall(block[1])
    }


def cpp_uses(room: Path) -> Iterator[tuple[Path, str]]:
    for source in sorted(room.rglob("*")):
        if source.suffix in {".h", ".cc"}:
            for used in INCLUDE.findall(source.read_text()):
                yield source, used


def imported_modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def python_uses(room: Path) -> Iterator[tuple[Path, str]]:
    for source in sorted(room.rglob("*.py")):
        for module in imported_modules(ast.parse(source.read_text())):
            package, _, rest = module.partition(".")
            if package == "torchassay" and rest:
                yield source, rest.split(".")[0]


HALVES = {"validator": ("validator", cpp_uses), "converter": ("converter/torchassay", python_uses)}


@pytest.mark.parametrize("half", HALVES)
def test_every_room_is_in_the_drawing(half: str) -> None:
    folder = CHECKOUT / HALVES[half][0]
    there = {
        path.name
        for path in folder.iterdir()
        if path.is_dir() and not path.name.startswith(("_", ".")) and any(path.iterdir())
    }
    assert there - set(rooms_of(half)) == set()


@pytest.mark.parametrize("half", HALVES)
def test_a_room_uses_only_what_the_drawing_allows(half: str) -> None:
    folder, uses_of = HALVES[half]
    rooms = rooms_of(half)
    wrong = [
        f"{source.relative_to(CHECKOUT)} uses {used}"
        for room, allowed in rooms.items()
        for source, used in uses_of(CHECKOUT / folder / room)
        if used in rooms and used != room and used not in allowed
        if not source.stem.endswith("_test")
    ]
    assert wrong == []


@pytest.mark.parametrize("half", HALVES)
def test_the_drawing_has_no_cycle(half: str) -> None:
    seen: set[str] = set()
    for room, uses in rooms_of(half).items():
        assert uses <= seen, f"{room} uses a room that is drawn below it: {uses - seen}"
        seen.add(room)


REWRITER = "torchassay.capture.rewrite"  # an evaluator is recursive: its modules must not be, beside the one for that


class _Running(ast.NodeTransformer):
    """What a module does when it is imported and called, without what only a type checker reads."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.orelse if ast.unparse(node.test) == "TYPE_CHECKING" else node


def rewriter() -> dict[str, ast.AST]:
    """The modules of the rewriter by name, imports for types left out."""
    folder = CHECKOUT / "converter" / Path(*REWRITER.split("."))
    sources = [path for path in sorted(folder.glob("*.py")) if not path.stem.endswith("_test")]
    assert sources
    return {path.stem: _Running().visit(ast.parse(path.read_text())) for path in sources}


def siblings(tree: ast.AST) -> set[str]:
    """The modules of the rewriter that the code imports."""
    inside = (module.removeprefix(f"{REWRITER}.") for module in imported_modules(tree) if module.startswith(f"{REWRITER}."))
    return {module.split(".")[0] for module in inside}


def test_no_function_of_the_rewriter_imports_another_module_of_it() -> None:
    hidden = [
        f"{name}.{node.name} imports {used}"
        for name, tree in rewriter().items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for used in sorted(siblings(node))
    ]
    assert hidden == []


def test_the_modules_of_the_rewriter_import_each_other_in_no_circle() -> None:
    uses = {name: siblings(tree) for name, tree in rewriter().items()}
    order = list(graphlib.TopologicalSorter(uses).static_order())  # a circle raises, and the error names it
    assert order.index("values") < order.index("evaluator") < order.index("model")


def test_libtorch_stays_in_the_runner() -> None:
    outside = [
        str(source.relative_to(CHECKOUT))
        for source in (CHECKOUT / "validator").rglob("*")
        if source.suffix in {".h", ".cc"} and "runner" not in source.parts
        if LIBTORCH_INCLUDE.search(source.read_text())
    ]
    assert outside == []


def test_the_static_analysis_needs_no_torch() -> None:
    for room in ("findings", "source"):
        for source in (CHECKOUT / "converter" / "torchassay" / room).rglob("*.py"):
            if source.stem.endswith("_test"):
                continue
            modules = set(imported_modules(ast.parse(source.read_text())))
            assert not {m for m in modules if m.split(".")[0] == "torch"}, source.name
