"""The kinds of shapes in a LabelMe file, and what becomes of each when it has moved. Coordinates are continuous."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from augcli.image.arrays import Picture, Points, Size, with_channels
from augcli.image.pictures import decode, encode, read_header
from augcli.labels.annotation import Bitmap, Object
from augcli.problems import Unusable

_CORNERS = 64
"""Of the polygon that a circle is while it moves."""
_NEAR = 0.02
"""Pixels that a corner may be off a rectangle or a circle; coordinates are written to a hundredth or finer."""
_DECIMALS = 4
_LARGEST = 1e6
_MOST_POINTS = 1_000_000
_LARGER = 4
"""How many times as large as the picture a mask may be; each is decoded."""

_POLYGONS = ("polygon", "oriented_rectangle", "rotation", "quadrilateral")
_LINES = ("line", "linestrip")
_TURNED = ("oriented_rectangle", "rotation")
_FORM = re.compile(r"\[(\s*)\[(\s*)[^,\]]+(,\s*)[^,\]]+?(\s*)\](?:(,\s*)\[.*\])?(\s*)\]", re.DOTALL)


class BadShape(Exception):
    """A shape cannot be read; the text is the reason why it is dropped."""


class Drawn(NamedTuple):
    """A shape as it is written: other values of its keys, and its points; no points: those of the source."""

    kind: str | None = None
    points: Points | None = None
    mask: str | None = None
    direction: float | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The keys that are written anew."""
        new = {"shape_type": self.kind, "mask": self.mask, "direction": self.direction}
        return {key: value for key, value in new.items() if value is not None}


def object_of(shape: Any, size: Size, words: Any) -> Object:
    """Read a shape. Raises `BadShape`."""
    if not isinstance(shape, dict) or not isinstance(shape.get("label"), (str, int)):
        raise BadShape("no label")
    kind, points = shape.get("shape_type") or "polygon", _points(shape)
    common: dict[str, Any] = {"stays": shape.get("difficult") is True, "words": words}
    name = str(shape["label"])
    if kind == "rectangle":
        return Object(name, rings=(_rectangle(points),), **common)
    if kind == "circle":
        return Object(name, rings=(_circle(points),), **common)
    if kind == "mask":
        return Object(name, bitmap=_bitmap(shape, points, size), **common)
    if kind == "point" or kind == "points":
        return Object(name, lines=tuple(points[at : at + 1] for at in range(len(points))), **common)
    if kind in _LINES:
        if len(points) < 2:
            raise BadShape("not enough points")
        return Object(name, lines=(points,), **common)
    if kind not in _POLYGONS:
        raise BadShape("unknown kind of shape")
    if len(points) > 1 and np.array_equal(points[0], points[-1]):
        points = points[:-1]
    if len(points) < 3:
        raise BadShape("not enough points")
    return Object(name, rings=(points,), **common)


def _points(shape: Mapping[str, Any]) -> Points:
    given = shape.get("points")
    try:
        points = np.array(given, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BadShape("no coordinates") from None
    if points.ndim != 2 or points.shape[1] != 2 or not 0 < len(points) <= _MOST_POINTS:
        raise BadShape("no coordinates")
    if not (np.abs(points) <= _LARGEST).all():  # neither are those that are no numbers
        raise BadShape("no number")
    return points


def _rectangle(points: Points) -> Points:
    """Return the corners of a rectangle: of two that are opposite, in any order, or all four."""
    if len(points) == 4:
        return points
    if len(points) != 2:
        raise BadShape("not enough points")
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    if left == right or top == bottom:
        raise BadShape("zero size")
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _circle(points: Points) -> Points:
    """Return a polygon on a circle, given by its centre and a point of its rim, where the polygon starts."""
    if len(points) != 2:
        raise BadShape("not enough points")
    centre, (x, y) = points[0], points[1] - points[0]
    if x == y == 0:
        raise BadShape("zero size")
    angles = np.arange(_CORNERS) * (2 * math.pi / _CORNERS)
    cos, sin = np.cos(angles), np.sin(angles)
    ring: Points = centre + np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)
    return ring


def _bitmap(shape: Mapping[str, Any], points: Points, size: Size) -> Bitmap:
    """Read a mask, a PNG file whose first pixel is at the first point, cut to the picture."""
    try:
        data = base64.b64decode(str(shape.get("mask")), validate=True)
        header = read_header(data, _LARGER * size.width * size.height / 1e6)
        pixels = np.any(decode(data, header).image, axis=2)
    except (binascii.Error, ValueError, Unusable):
        raise BadShape("mask that cannot be read") from None
    left, top = map(int, points[0])
    x, y = max(0, -left), max(0, -top)
    pixels = pixels[y : max(0, size.height - top), x : max(0, size.width - left)]
    if not pixels.any():
        raise BadShape("zero size" if pixels.size else "outside the image")
    return Bitmap(max(0, left), max(0, top), pixels)


def drawn(one: Object, shape: Mapping[str, Any]) -> Iterator[Drawn]:
    """Return the shapes that an object has become."""
    kind = shape.get("shape_type") or "polygon"
    if one.bitmap is not None:
        left, top, pixels = one.bitmap
        height, width = pixels.shape[:2]
        png = encode(Picture(with_channels(pixels.astype(np.uint8))), "png", 95, "4:4:4", optimize=False)
        corners = np.array([[left, top], [left + width - 1, top + height - 1]], np.float64)
        yield Drawn(kind, corners, base64.b64encode(png).decode())
    elif kind == "points":
        yield Drawn(kind, np.concatenate(one.lines))
    elif one.lines:
        for line in one.lines:
            yield Drawn(kind if len(line) == 2 or kind == "point" else "linestrip", line)
    for ring in one.rings:
        yield _closed(kind, ring, len(shape["points"]))


def _closed(kind: str, ring: Points, count: int) -> Drawn:
    """Return a ring as the kind of shape that it was, where it still is one."""
    if kind == "circle" and len(ring) == _CORNERS:
        centre = ring.mean(axis=0)
        far = np.linalg.norm(ring - centre, axis=1)
        if far.max() - far.min() < _NEAR:
            return Drawn(kind, np.array([centre, ring[0]]))
    elif kind == "rectangle" and _is_rectangle(ring):
        ends = np.stack([ring.min(axis=0), ring.max(axis=0)])
        if (np.abs(ring[:, np.newaxis] - ends).min(axis=1) < _NEAR).all():
            return Drawn(kind, ring if count == 4 else ends)
    elif kind in _TURNED and _is_rectangle(ring):
        x, y = ring[1] - ring[0]
        return Drawn(kind, ring, direction=math.atan2(y, x) % (2 * math.pi) if kind == "rotation" else None)
    elif kind == "quadrilateral" and len(ring) == 4:
        return Drawn(kind, ring)
    return Drawn("polygon", ring)


def _is_rectangle(ring: Points) -> bool:
    """Tell whether four corners are those of a rectangle: its diagonals are equally long and halve each other."""
    if len(ring) != 4:
        return False
    halves = np.abs(ring[0] + ring[2] - ring[1] - ring[3]).max() / 2
    diagonals = np.linalg.norm(ring[2] - ring[0]) - np.linalg.norm(ring[3] - ring[1])
    return bool(halves < _NEAR and abs(diagonals) < _NEAR)


def points_like(text: str, points: Points) -> str:
    """Write points with the white space of a source's."""
    form = _FORM.fullmatch(text)
    first, inner, comma, last, between, end = form.groups() if form else ("", "", ", ", "", ", ", "")
    between = between or f",{first or ' '}"
    rows = (f"[{inner}{x!r}{comma}{y!r}{last}]" for x, y in points.round(_DECIMALS).tolist())
    return f"[{first}{between.join(rows)}{end}]"
