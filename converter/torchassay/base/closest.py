"""The nearest right word to a wrong one, for messages that suggest it."""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, words: Iterable[str]) -> str | None:
    """The word of `words` within a third of `word`'s length in typing errors, or None."""
    limit = max(1, len(word) // 3)
    ranked = sorted((distance(word.lower(), other.lower()), other) for other in words)
    return ranked[0][1] if ranked and ranked[0][0] <= limit else None


def distance(left: str, right: str) -> int:
    """Insertions, deletions, replacements and neighbour swaps between two words."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            best = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            current.append(best)
        before, previous = previous, current
    return previous[-1]
