"""The numbers that COCO writes of a moved object: its box, its keypoints and its area."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from augcli.image.arrays import Points
from augcli.image.matrices import Bounds
from augcli.labels.annotation import Object
from augcli.random_streams import total


def is_number(text: str) -> bool:
    """Tell whether a text is that of a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def box_text(box: Bounds) -> str:
    """Return the text of left, top, width and height, in pixels to two places."""
    left, top, right, bottom = (round(float(side), 2) + 0.0 for side in box)  # no -0.0
    return str([left, top, round(right - left, 2), round(bottom - top, 2)])


def keypoints_text(points: Points, states: np.ndarray[Any, np.dtype[np.int8]]) -> str:
    """Return the text of x, y and state of each keypoint; `points` (K, 2) continuous, `states` (K,)."""
    seen = states > 0
    table = np.where(seen[:, None], np.round(points - 0.5, 2) + 0.0, 0.0).tolist()
    numbers = [
        text
        for (x, y), state in zip(table, states.tolist(), strict=True)
        for text in (_short(x), _short(y), str(state))
    ]
    return f"[{', '.join(numbers)}]"


def _short(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def area(one: Object) -> float:
    """Return the area of the shape of an object, else of its box, in square pixels."""
    if one.bitmap is not None:
        return float(np.count_nonzero(one.bitmap.pixels))
    if one.rings:
        return total(_ring_area(ring) for ring in one.rings)
    left, top, right, bottom = one.box or (0.0, 0.0, 0.0, 0.0)
    return (right - left) * (bottom - top)


def _ring_area(ring: Points) -> float:
    x, y = (ring - ring[0]).T  # the first point is 0, and so is what stands between the last and it
    return abs(float(x[1:-1] @ y[2:] - y[1:-1] @ x[2:])) / 2
