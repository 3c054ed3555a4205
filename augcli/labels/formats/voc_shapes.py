"""The coordinates of Pascal VOC and of what others have added to it, in the style that each file has.

Boxes of origin 1 are pixels, the last one included. What has a decimal point keeps it; whole numbers stay whole.
Points, polygons and the turned boxes of roLabelImg (centre, sides, radians clockwise) are continuous.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from augcli.image.arrays import Points, Size
from augcli.image.matrices import Bounds
from augcli.labels.xml_elements import Document, Edit, Element

_NUMBER = re.compile(r"[-+]?(?:\d{1,18}\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_LARGEST = 1e9
_LEAST_DECIMALS, _MOST_DECIMALS, _ANGLE_DECIMALS = 2, 6, 6


class BadNumber(Exception):
    """What is said of an object cannot be read; the text is the reason why it is dropped."""


class Numbers(NamedTuple):
    """Numbers that stand in elements of their own."""

    elements: tuple[Element, ...]
    values: tuple[float, ...]

    @property
    def decimals(self) -> int:
        """How many digits follow the point; 0 where all are whole numbers."""
        texts = [element.text for element in self.elements]
        if all(text.lstrip("+-").isdecimal() for text in texts):
            return 0
        return min(max(_LEAST_DECIMALS, *(len(text.partition(".")[2]) for text in texts)), _MOST_DECIMALS)

    def edits(self, values: Iterable[float]) -> Iterator[Edit]:
        """Write other values in the same style."""
        for element, text in zip(self.elements, spelled(values, self.decimals), strict=True):
            yield element.inside, element.until, text.encode()


def spelled(values: Iterable[float], decimals: int) -> list[str]:
    return [f"{value:.{decimals}f}" if decimals else str(math.floor(value + 0.5)) for value in values]


def number(text: str) -> float:
    """Read a number. Raises `BadNumber`."""
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    if abs(value) > _LARGEST:
        raise BadNumber("no number")
    return value


def numbers_of(element: Element, *tags: str) -> Numbers:
    """Read the numbers that children of these names have. Raises `BadNumber`."""
    found = [child for tag in tags if (child := element.child(tag))]
    if len(found) < len(tags):
        raise BadNumber("no coordinates")
    return Numbers(tuple(found), tuple(number(child.text) for child in found))


def box_of(element: Element, origin: int, size: Size) -> Bounds:
    """Read a box, cut to the picture. Raises `BadNumber`."""
    x, y, right, bottom = numbers_of(element, "xmin", "ymin", "xmax", "ymax").values
    box = min(x, right) - origin, min(y, bottom) - origin, max(x, right), max(y, bottom)
    if box[0] >= box[2] or box[1] >= box[3]:
        raise BadNumber("zero size")
    left, top, right, bottom = max(box[0], 0.0), max(box[1], 0.0), min(box[2], size.width), min(box[3], size.height)
    if left >= right or top >= bottom:
        raise BadNumber("outside the image")
    return left, top, right, bottom


def written_box(element: Element, box: Bounds, origin: int, size: Size) -> Iterator[Edit]:
    """Write a box, of whole pixels at least one, in the style of the source."""
    numbers = numbers_of(element, "xmin", "ymin", "xmax", "ymax")
    if not numbers.decimals:
        left, right = _whole(box[0], box[2], size.width)
        top, bottom = _whole(box[1], box[3], size.height)
        box = left, top, right, bottom
    yield from numbers.edits((box[0] + origin, box[1] + origin, box[2], box[3]))


def _whole(start: float, end: float, length: int) -> tuple[int, int]:
    """Return the nearest whole pixels, at least one, inside the picture."""
    first, last = math.floor(start + 0.5), math.floor(end + 0.5)
    if first >= last:
        first = math.floor((start + end) / 2)
        last = first + 1
    first = min(max(first, 0), length - 1)
    return first, min(max(last, first + 1), length)


def corners_of(element: Element) -> Points:
    """Read a turned box. Raises `BadNumber`."""
    x, y, width, height, angle = numbers_of(element, "cx", "cy", "w", "h", "angle").values
    if width <= 0 or height <= 0:
        raise BadNumber("zero size")
    along = np.array([math.cos(angle), math.sin(angle)]) * width / 2
    across = np.array([-math.sin(angle), math.cos(angle)]) * height / 2
    corners: Points = np.array([x, y]) + np.array([-along - across, along - across, along + across, across - along])
    return corners


def rotated_edits(element: Element, corners: Points) -> Iterator[Edit]:
    """Write a turned box: the smallest rectangle around four corners along one of their sides."""
    side, other, *_ = np.roll(corners, -1, axis=0) - corners
    sides = [side, corners[2] - corners[3], other[::-1] * (1, -1), (corners[3] - corners[0])[::-1] * (1, -1)]
    best: tuple[float, ...] = ()
    least = math.inf
    for x, y in sides:
        length = math.hypot(x, y)
        if length == 0:
            continue
        axes = np.array([[x, y], [-y, x]]) / length
        spans = corners @ axes.T
        low, high = spans.min(axis=0), spans.max(axis=0)
        width, height = high - low
        if width * height < least * (1 - 1e-9):
            least = width * height
            best = (*((low + high) / 2 @ axes), width, height, math.atan2(y, x) % math.pi)
    numbers = numbers_of(element, "cx", "cy", "w", "h", "angle")
    yield from Numbers(numbers.elements[:4], numbers.values[:4]).edits(best[:4])
    angle = numbers.elements[4]
    yield angle.inside, angle.until, f"{best[4]:.{_ANGLE_DECIMALS}f}".encode()


def ring_of(element: Element) -> Points:
    """Read a polygon: `x1`, `y1`, `x2`... of Roboflow, or `pt` with `x` and `y` of LabelMe. Raises `BadNumber`."""
    values = Numbers(tuple(found := _coordinates(element)), tuple(number(child.text) for child in found)).values
    ring = np.array(values, np.float64).reshape(-1, 2) if len(values) % 2 == 0 else np.empty((0, 2))
    if len(ring) > 1 and np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    if len(ring) < 3:
        raise BadNumber("not enough points")
    return ring


def _coordinates(element: Element) -> list[Element]:
    """Return the elements that hold x and y of each point in turn."""
    points = element.all("pt")
    if points:
        return [child for point in points for tag in ("x", "y") if (child := point.child(tag))]
    found: list[Element] = []
    at = {child.tag: child for child in element.children}
    while (x := at.get(f"x{len(found) // 2 + 1}")) and (y := at.get(f"y{len(found) // 2 + 1}")):
        found += [x, y]
    return found


def written_polygons(read: Document, element: Element, rings: Sequence[Points]) -> bytes:
    """Write a polygon for each ring, the largest first, each with the space before it."""
    found = _coordinates(element)
    if not found:
        return b""
    points = element.all("pt")
    first, last = (points or found)[0], (points or found)[-1]
    decimals = Numbers(tuple(found), ()).decimals
    space = read.space_before(first)
    texts = []
    for ring in sorted(rings, key=_area, reverse=True):
        values = [spelled(point, decimals) for point in ring.tolist()]
        if points:
            inside = [f"<pt><x>{x}</x><y>{y}</y></pt>".encode() for x, y in values]
        else:
            inside = [
                f"<{axis}{at}>{text}</{axis}{at}>".encode()
                for at, point in enumerate(values, 1)
                for axis, text in zip("xy", point, strict=True)
            ]
        whole = read.start_with_space(element), element.end
        texts.append(read.edited(*whole, [(first.start, last.end, space.join(inside))]))
    return b"".join(texts)


def _area(ring: Points) -> float:
    x, y = ring.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
