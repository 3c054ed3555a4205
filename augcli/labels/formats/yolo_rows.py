"""Rows of YOLO's text files as they are written: six decimals, and nothing that ultralytics leaves an image out for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Points, Size
from augcli.labels.annotation import Object
from augcli.labels.clipping import bridged

_MILLION = 1_000_000
_BEYOND = 0.0099
"""How far the middle of an oriented box may be outside; a little less than what is refused, in single precision."""


def row(one: Object, size: Size) -> str | None:
    """Return the row of a moved object; None where it cannot be written.

    Its class, and what follows a box, are those of its source's row.
    """
    cells = one.words.split()
    if one.corners is not None:
        shares = np.round(_accepted(one, size) / size, 6) + 0.0  # no -0
        return f"{cells[0]} {' '.join([f'{share:.6f}' for share in shares.ravel().tolist()])}"
    if one.rings:
        return f"{cells[0]} {_decimals(_millionths(bridged(one.rings), size))}"
    written = [cells[0], *_box(one, size)]
    if one.keypoints is None:
        return " ".join([*written, *cells[5:]])
    points = _keypoints(one, cells[5:], size)
    return None if points is None else " ".join([*written, *points])


def states(table: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """Return the states of keypoints from a table (K, 2) or (K, 3).

    Without a column for it a negative number says that a point is not labelled, and so does 0 0: nobody marks the
    very corner.
    """
    if table.shape[1] == 2:
        return np.where((table < 0).any(axis=1) | (table == 0).all(axis=1), 0, 2).astype(np.int8)
    seen = table[:, 2]
    return np.where(seen == 0, 0, np.where(seen == 1, 1, 2)).astype(np.int8)


def _box(one: Object, size: Size) -> list[str]:
    """Write the middle and the size of a box, which as written stays inside the picture."""
    assert one.box is not None
    cells = ["", "", "", ""]
    for axis, whole in enumerate(size):
        low, high = (min(max(one.box[side] / whole, 0), 1) for side in (axis, axis + 2))
        middle, length = round((low + high) / 2 * _MILLION), round((high - low) * _MILLION)
        length = max(min(length, 2 * middle, 2 * (_MILLION - middle)), 1)
        cells[axis], cells[axis + 2] = _decimals([middle]), _decimals([length])
    return cells


def _millionths(points: Points, size: Size) -> list[int]:
    """Return x and y of each point as shares of the picture, which they do not leave."""
    shares: npt.NDArray[np.float64] = np.rint(points * (_MILLION / size.width, _MILLION / size.height))
    return np.minimum(np.maximum(shares, 0), _MILLION).astype(np.int64).ravel().tolist()


def _decimals(millionths: Sequence[int]) -> str:
    """Write shares with six decimals; whole numbers are written twice as fast as others."""
    text = " ".join(["0.%06d"] * len(millionths)) % tuple(millionths)
    return text.replace("0.1000000", "1.000000")  # the only one with seven digits


def _keypoints(one: Object, cells: list[str], size: Size) -> list[str] | None:
    """Write the slots in the style of their source's row; None where one is lost that has no mark for it."""
    assert one.keypoints is not None
    assert one.states is not None
    slots = len(one.states)
    dimensions = len(cells) // slots
    table = np.array(cells, np.float64).reshape(slots, dimensions)
    hidden = np.flatnonzero(states(table) == 0)
    if dimensions == 2 and np.count_nonzero(one.states == 0) > len(hidden):
        return None
    nothing = ["0"] * dimensions
    if dimensions == 2 and len(hidden):
        nothing = cells[2 * hidden[0] : 2 * hidden[0] + 2]
    elif "." in cells[0]:
        nothing[:2] = ["0.000000"] * 2
    style = "{:.6f}" if dimensions == 3 and "." in cells[2] else "{}"
    numbers = _millionths(one.keypoints, size)
    written = []
    for slot, state in enumerate(one.states.tolist()):
        written += nothing[:2] if state == 0 else [_decimals(numbers[2 * slot : 2 * slot + 2])]
        written += [style.format(state)] if dimensions == 3 else []
    return written


def _accepted(one: Object, size: Size) -> Points:
    """Return the corners of an oriented box, if ultralytics takes what encloses them, else of what is seen of it.

    That is the rectangle of the same direction, as ultralytics cuts it, or where that sticks out as well, the upright
    one.
    """
    assert one.corners is not None
    seen = one.corners if one.seen_corners is None else one.seen_corners
    for corners in (one.corners, seen):
        if _is_accepted(corners, size):
            return corners
    (left, top), (right, bottom) = seen.min(axis=0).clip(0, size), seen.max(axis=0).clip(0, size)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _is_accepted(corners: Points, size: Size) -> bool:
    shares = corners / size
    low, high = shares.min(axis=0), shares.max(axis=0)
    middle = (low + high) / 2
    return bool((middle >= -_BEYOND).all() and (middle <= 1 + _BEYOND).all() and (high - low <= 1 + _BEYOND).all())
