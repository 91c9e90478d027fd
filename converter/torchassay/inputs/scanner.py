"""A cursor over the text of an input spec, and the error that points into it."""

from __future__ import annotations

import re
from typing import NoReturn

from torchassay.base.errors import UsageError

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class SpecError(UsageError):
    """A malformed input spec; `position` counts characters from 0."""

    def __init__(self, message: str, position: int, text: str = "", help: str | None = None) -> None:  # noqa: A002 - the word that messages use
        super().__init__(message, help=help)
        self.position = position
        self.text = text

    def __str__(self) -> str:
        return f"{self.message}\n  {self.text}\n  {' ' * self.position}^"


class Scanner:
    """Reads tokens; spaces between tokens do not count."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def fail(self, message: str, *, at: int | None = None, help: str | None = None) -> NoReturn:  # noqa: A002 - the word that messages use
        raise SpecError(message, self.position if at is None else at, self.text, help)

    def skip(self) -> int:
        """Pass spaces; the position of the next token."""
        while self.position < len(self.text) and self.text[self.position] in " \t":
            self.position += 1
        return self.position

    def peek(self) -> str:
        """The next character that is no space, "" at the end."""
        return self.text[self.skip() : self.position + 1]

    def ahead(self, token: str) -> bool:
        return self.text.startswith(token, self.skip())

    def take(self, token: str) -> bool:
        """Pass `token` if it comes next."""
        if not self.ahead(token):
            return False
        self.position += len(token)
        return True

    def word(self) -> str | None:
        return self._match(_WORD)

    def number(self) -> str | None:
        return self._match(_NUMBER)

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self.text, self.skip())
        if match is None:
            return None
        self.position = match.end()
        return match.group()

    def quoted(self) -> str:
        """A text in double quotes; the cursor stands on the first quote."""
        start = self.skip()
        result: list[str] = []
        at = start + 1
        while at < len(self.text):
            character = self.text[at]
            if character == '"':
                self.position = at + 1
                return "".join(result)
            if character == "\\":
                at += 1
                if self.text[at : at + 1] not in _ESCAPES:
                    self.fail("unknown escape in a text", at=at - 1, help='write `\\"` or `\\\\`')
                character = _ESCAPES[self.text[at]]
            result.append(character)
            at += 1
        return self.fail("the text has no closing quote", at=start)

    def end(self, after: str) -> None:
        """Demand that nothing follows."""
        if self.skip() < len(self.text):
            self.fail(f"unexpected `{self.text[self.position :]}` after {after}")
