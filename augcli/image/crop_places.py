"""Where a crop begins so that it holds objects: whole numbers from an interval on each axis, all equally likely."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

from augcli.image.arrays import Box, Size
from augcli.image.matrices import Bounds
from augcli.random_streams import Stream

Kept: TypeAlias = Literal["anything", "objects", "all_objects"]
"""What a crop holds: whatever there is, at least one whole object, or all of them where it can."""


class KeepsObjects:
    """For a transform with the setting `keep`."""

    keep: Kept

    @property
    def heeds_objects(self) -> bool:
        return self.keep != "anything"


def chosen(stream: Stream, keep: Kept, objects: Sequence[Bounds], fits: tuple[float, float]) -> Bounds | None:
    """Return what a crop is to hold: one object, all equally likely, or the box around all if that `fits`.

    `fits` is the largest width and height that a crop can have. None where there is no object.
    """
    if keep == "anything" or not objects:
        return None
    lefts, tops, rights, bottoms = zip(*objects, strict=True)
    around = (min(lefts), min(tops), max(rights), max(bottoms))
    if keep == "all_objects" and all(side <= most for side, most in zip(_sides(around), fits, strict=True)):
        return around
    small = [one for one in objects if all(side <= most for side, most in zip(_sides(one), fits, strict=True))]
    among = small or objects
    return among[stream.integer(0, len(among) - 1)]


def _sides(box: Bounds) -> tuple[int, int]:
    """Return how many whole pixels a box touches along each axis."""
    left, top, right, bottom = box
    return math.ceil(right) - math.floor(left), math.ceil(bottom) - math.floor(top)


def grown(stream: Stream, crop: Box, wanted: Bounds | None, size: Size) -> Box:
    """Make a crop of an image of `size` as large as what it is to hold, if need be, and draw its place anew."""
    if wanted is None:
        return crop
    left, top, right, bottom = wanted
    wide, high = _sides(wanted)
    width, height = max(crop.width, wide), max(crop.height, high)
    x = start(stream, width, 0, size.width - width, (left, right))
    return Box(x, start(stream, height, 0, size.height - height, (top, bottom)), width, height)


def start(stream: Stream, length: int, low: int, high: int, span: tuple[float, float] | None) -> int:
    """Draw where a crop of some `length` begins, from `low` to `high`, so that it holds a span.

    It lies inside a span that is longer than it.
    """
    if span is not None:
        first, last = sorted((math.ceil(span[1]) - length, math.floor(span[0])))
        low, high = min(max(low, first), high), max(min(high, last), low)
    return stream.integer(low, max(low, high))
