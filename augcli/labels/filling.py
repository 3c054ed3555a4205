"""Outlines filled: the pixels whose centres lie inside."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Points, Size


def filled(rings: Iterable[Points], size: Size) -> npt.NDArray[np.bool_]:
    """Return the pixels (H, W) of a picture that lie in any of some rings (N, 2); where a ring crosses itself, as SVG's
    `evenodd`.
    """
    inside = np.zeros((size.height, size.width), bool)
    for ring in rings:
        inside |= _filled(ring, size)
    return inside


def _filled(ring: Points, size: Size) -> npt.NDArray[np.bool_]:
    ends = np.roll(ring, -1, axis=0)
    # Rows whose middles lie between the ends of each edge, and where the edge crosses them.
    first, last = (np.clip(np.ceil(y - 0.5), 0, size.height).astype(int) for y in _sorted(ring[:, 1], ends[:, 1]))
    counts = last - first
    rows = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    (x, y), (to_x, to_y) = (np.repeat(points, counts, axis=0).T for points in (ring, ends))
    across = x + (rows + 0.5 - y) * (to_x - x) / np.where(to_y == y, 1, to_y - y)
    columns = np.clip(np.ceil(across - 0.5), 0, size.width).astype(int)
    crossings = np.zeros((size.height, size.width + 1), np.uint8)
    np.add.at(crossings, (rows, columns), 1)
    odd: npt.NDArray[np.bool_] = (np.cumsum(crossings & 1, axis=1)[:, :-1] & 1).astype(bool)
    return odd


def _sorted(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], ...]:
    return np.minimum(one, other), np.maximum(one, other)
