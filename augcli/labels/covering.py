"""What is painted over: a mask of the picture's pixels, and how much of a shape lies under it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Box, Points, Size
from augcli.random_streams import total

Holes = npt.NDArray[np.bool_]
"""(H, W): where nothing of the picture is left."""


def with_boxes(holes: Holes | None, boxes: Sequence[Box], size: Size) -> Holes:
    """Return holes with boxes added."""
    found = np.zeros((size.height, size.width), bool) if holes is None else holes.copy()
    for left, top, width, height in boxes:
        found[max(0, top) : top + height, max(0, left) : left + width] = True
    return found


def pasted(holes: Sequence[Holes | None], parts: Sequence[Box], size: Size) -> Holes | None:
    """Return the holes of a picture into which parts of others are put; those of the picture itself come first."""
    if all(one is None for one in holes):
        return None
    own, *others = (np.zeros((size.height, size.width), bool) if one is None else one for one in holes)
    found = own.copy()
    for (left, top, width, height), other in zip(parts, others, strict=True):
        where = np.s_[top : top + height, left : left + width]
        found[where] = other[where]
    return found


class Cover:
    """Answers how much of rings lies under holes."""

    def __init__(self, holes: Holes) -> None:
        self.holes = holes
        # how much of a row is hole to the left of each column
        self._before = np.zeros((holes.shape[0], holes.shape[1] + 1), np.int32)
        np.cumsum(holes, axis=1, out=self._before[:, 1:])

    def area(self, rings: Sequence[Points]) -> float:
        """Return the area of rings under holes; the rings lie on the picture."""
        return total(self._of_one(ring) for ring in rings)

    def _of_one(self, ring: Points) -> float:
        """By Green's theorem: the integral, once around, of the length of holes to the left of it, over y.

        In one pixel that length grows evenly along an edge, so that its middle stands for all of it.
        """
        height, width = self.holes.shape
        (left, top), (right, bottom) = np.floor(ring.min(axis=0)), np.ceil(ring.max(axis=0))
        around = np.array([left, top, right, bottom]).clip(0, (width, height, width, height)).astype(int)
        if not self.holes[around[1] : around[3], around[0] : around[2]].any():
            return 0.0
        total = 0.0
        for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            way = end - start
            if not way[1]:
                continue
            parts = [np.array([0.0, 1.0])]
            for axis in (0, 1):
                low, high = sorted((start[axis], end[axis]))
                if way[axis]:
                    parts.append((np.arange(np.floor(low) + 1, np.ceil(high)) - start[axis]) / way[axis])
            places = np.sort(np.concatenate(parts))
            middles = (places[1:] + places[:-1]) / 2
            x = (start[0] + middles * way[0]).clip(0, width)
            columns = np.minimum(x.astype(int), width - 1)
            rows = (start[1] + middles * way[1]).astype(int).clip(0, height - 1)
            lengths = self._before[rows, columns] + (x - columns) * self.holes[rows, columns]
            total += float((lengths * np.diff(places)).sum() * way[1])
        return abs(total)
