"""What a setting holds once it is read, where Python has no type for it: ranges, colours, parts of an image."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Range(NamedTuple):
    """A value is drawn from `low` to `high`; both belong to it."""

    low: float
    high: float


class PerAxis(NamedTuple):
    """One range for each axis of the image."""

    x: Range
    y: Range


class CopiesPerClass(NamedTuple):
    """How many copies a source gets, by its class; names may be patterns."""

    default: int
    classes: tuple[tuple[str, int], ...]


class CsvColumn(NamedTuple):
    """A column of a CSV file, whose path is relative to IN."""

    csv: str
    column: str


Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
Region: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares of the image's sides."""
