"""Names of classes in a spec, which may be patterns: `*`, `?` and `[...]` as file names have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from augcli.settings.values import CopiesPerClass


@lru_cache(maxsize=4096)
def fits(patterns: Sequence[str], label: str) -> bool:
    """Tell whether a class is among those that are named."""
    return label in patterns or any(fnmatchcase(label, pattern) for pattern in patterns)


@lru_cache(maxsize=4096)
def copies_by_name(copies: int | CopiesPerClass, label: str) -> int:
    """Return how many copies the sources of a class get: its own name counts first, then the pattern that says most.

    That is the one with most letters of its own; the order in which they are written does not count.
    """
    if isinstance(copies, int):
        return copies
    own = dict(copies.classes)
    if label in own:
        return own[label]
    fitting = [(pattern, number) for pattern, number in copies.classes if fnmatchcase(label, pattern)]
    return max(fitting, key=lambda one: (_letters(one[0]), one[0]), default=("", copies.default))[1]


def _letters(pattern: str) -> int:
    return len(re.sub(r"\[[^]]*\]|[*?]", "", pattern))


def unmatched(patterns: Iterable[str], labels: Sequence[str]) -> list[str]:
    """Return the names and patterns that no class has."""
    return [pattern for pattern in patterns if not any(fits((pattern,), label) for label in labels)]


def plainly(label: str) -> str:
    """Return the pattern that only this name fits."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in label)
