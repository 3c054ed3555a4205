"""What a value type is: how a setting's value is read, in words and as JSON Schema; and what all types are made of.

A type reads a YAML value, or raises its words of what is wrong with it. It knows no setting: unit, limits and help
stand where the setting is declared. `ranges` and `fixed_values` hold the types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from augcli.problems import Suggestion, spelled, write, write_number

Within: TypeAlias = tuple[float, float]
"""The limits of a setting; both are allowed."""
Schema: TypeAlias = dict[str, Any]
"""A part of a JSON Schema."""


@dataclass(frozen=True)
class ValueType:
    """What may be written for a setting: how it is read, said in words, and as JSON Schema."""

    words: str
    read: Callable[[Any, Within], Any]
    schema: Callable[[Within], Schema]


# What is wrong


class Wrong(ValueError):
    """What is wrong with a value, and what to write instead; whoever reads the whole spec adds the place."""

    def __init__(self, what: str, help: str | None = None) -> None:
        super().__init__(what)
        self.what, self.help = what, help or None


@contextmanager
def as_part(whole: Callable[[Any], Any]) -> Iterator[None]:
    """Turn what to write instead of a part into what to write instead of the whole."""
    try:
        yield
    except Wrong as wrong:
        if not isinstance(wrong.help, Suggestion):
            raise
        raise Wrong(wrong.what, write(*map(whole, wrong.help.values))) from None


# Readers of parts; `wanted` says what the whole should be


def number(value: Any, wanted: str = "a number") -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Wrong(f"expected {wanted}, got {spelled(value)}", write_number(value))
    return float(value)


def whole(value: Any, wanted: str = "a whole number") -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(f"expected {wanted}, got {spelled(value)}", write_number(value))
    return value


def whole_within(value: Any, wanted: str, within: Within) -> int:
    found = whole(value, wanted)
    if not within[0] <= found <= within[1]:
        raise Wrong(f"`{found}` is out of bounds; {within[0]:g} to {within[1]:g} is allowed")
    return found


def parts_of(value: Any) -> list[Any]:
    """Return the entries of a list; anything else is a list of itself."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def pair(value: Any, wanted: str) -> tuple[Any, Any] | None:
    """Return the two entries of a list, or None for anything but a list."""
    if not isinstance(value, (list, tuple)):
        return None
    if len(value) != 2:
        raise Wrong(f"expected {wanted}, got {spelled(list(value))}")
    return value[0], value[1]


def each(parts: Sequence[Any], read: Callable[[Any], Any]) -> list[Any]:
    """Read the parts of a list; what to write instead of one of them is said of the whole list."""
    found: list[Any] = []
    for at, part in enumerate(parts):
        with as_part(lambda other, at=at: [*parts[:at], other, *parts[at + 1 :]]):  # type: ignore[misc]
            found.append(read(part))
    return found


def check_limits(low: float, high: float, within: Within) -> None:
    """Raise what is wrong with a range: it is upside down, or an end is out of bounds."""
    if low > high:
        raise Wrong(f"the range `[{low:g}, {high:g}]` is upside down", write([high, low]))
    for end in (high, low):
        if not within[0] <= end <= within[1]:
            raise Wrong(f"`{_exact(end)}` is out of bounds; {within[0]:g} to {_exact(within[1])} is allowed")


def _exact(number: float) -> str:
    """Write a number as its author would; no power of ten for a number of copies."""
    if isinstance(number, int):
        return str(number)
    return str(int(number)) if abs(number) < 1e15 and number == int(number) else f"{number:g}"


# JSON Schema of parts


def bounded(kind: str, within: Within) -> Schema:
    """Describe a number or an integer within limits."""
    return {"type": kind, "minimum": within[0], "maximum": within[1]}


def list_of(entry: Schema, fewest: int, most: int | None = None) -> Schema:
    """Describe a list of so many entries."""
    return {"type": "array", "items": entry, "minItems": fewest, "maxItems": most or fewest}


def one_or_list(entry: Schema, fewest: int, most: int | None = None) -> Schema:
    """Describe one entry, or a list of so many."""
    return {"anyOf": [entry, list_of(entry, fewest, most)]}
