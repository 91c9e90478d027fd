"""Which functions are asked while a model is rewritten."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from torchassay.capture.rewrite.settings import answered
from torchassay.capture.rewrite.values import Static, Value

PACKAGE = """
ASKED = []

def setting(name, default=3): ASKED.append(name); return (name == "fast", default)
def starred(*names): return len(names)
def refuses(name): raise KeyError(name)
def makes(name): return [name]
"""


@pytest.fixture
def package(tmp_path: Path) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(PACKAGE, str(tmp_path / "site-packages" / "kit" / "config.py"), "exec"), names)
    return names


def ask(function: Any, **given: object) -> Value | None:
    return answered(function, {name: Static(value) for name, value in given.items()})


def test_a_setting_of_a_package_is_asked_once(package: dict[str, Any]) -> None:
    found = ask(package["setting"], name="fast", default=4)
    assert isinstance(found, Static)
    assert found.data == (True, 4)
    assert package["ASKED"] == ["fast"]


def test_what_is_no_plain_question_is_left_to_be_rewritten(package: dict[str, Any]) -> None:
    assert ask(package["starred"]) is None
    assert ask(package["refuses"], name="a") is None
    assert ask(package["makes"], name="a") is None
    assert ask(package["setting"], name=object(), default=1) is None
    assert ask(inspect.cleandoc, doc="a function of the standard library") is None


def test_a_function_of_the_users_is_never_asked() -> None:
    def own(name: str) -> str:
        raise AssertionError(name)

    assert ask(own, name="fast") is None
