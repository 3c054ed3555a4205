"""What is kept of labels that have been moved: the rules of what is too little, and objects made of what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from augcli.image import matrices
from augcli.image.arrays import Points, Size
from augcli.image.matrices import TINY, Bounds
from augcli.labels import bitmaps, clipping
from augcli.labels.annotation import Object
from augcli.labels.bitmaps import Shape
from augcli.labels.covering import Cover
from augcli.labels.keypoints import Keypoints
from augcli.labels.outlines import Kind, Outlines, Part, bounds_of, measure
from augcli.spec.sections import Labels

_EQUAL = 1 - 1e-9
"""A share that is less than a limit by rounding alone reaches it."""
_SMALLEST = 1.0
"""Square pixels of a part that a cut has left: less is no part of its own."""
Piece: TypeAlias = tuple[Part, Points, list[float]]
"""An outline with the box around it."""
_ROUND = np.linspace(0, 2 * np.pi, 64, endpoint=False)


def main_kind(one: Object) -> Kind | None:
    """Return which outlines say how much is seen of an object; None where a bitmap does, or keypoints alone."""
    if one.bitmap is not None:
        return None
    if one.rings:
        return "ring"
    if one.corners is not None:
        return "corners"
    if one.box is not None:
        return "box"
    return "line" if one.lines else None


class Rest:
    """What is left of objects, by their numbers, on a picture of `size`."""

    def __init__(
        self,
        size: Size,
        main: Mapping[int, Kind | None],
        outlines: Outlines,
        keypoints: Keypoints,
        shapes: Mapping[int, Shape],
        cover: Cover | None,
        hidden: Mapping[int, float],
        is_moved: bool,
    ) -> None:
        self._size, self._main, self._keypoints, self._shapes = size, main, keypoints, shapes
        self._cover, self._hidden, self._is_moved = cover, hidden, is_moved
        self._pieces: dict[int, list[Piece]] = {}
        self._cut: set[int] = set()
        for (part, ring), bounds in zip(outlines, outlines.bounds(), strict=True):
            self._pieces.setdefault(part.owner, []).append((part, ring, bounds))
            if not part.is_whole or not part.is_seen:
                self._cut.add(part.owner)

    def box(self, number: int) -> Bounds | None:
        """Return the box around what is seen of an object; of one that is keypoints alone, around their pixels."""
        box = self._box(number, self._seen(number))
        points, states = (None, None) if box is not None else self._keypoints.of(number)
        if points is None or states is None or not states.any():
            return box
        left, top, right, bottom = np.floor(bounds_of(points[states > 0]))
        return float(left), float(top), right + 1.0, bottom + 1.0

    def is_enough(self, number: int, one: Object, settings: Labels) -> bool:
        """Tell whether as much of an object is seen as an object needs that is moved."""
        share = self._share(number)
        return share - self._under_holes(number, share) >= max(_least(one, settings), 1e-9)

    def hidden(self, gone: Mapping[int, str]) -> dict[int, float]:
        """Return what share of each object's whole shape is painted over."""
        if self._cover is None:
            return dict(self._hidden)
        numbers = {*self._pieces, *self._shapes} - gone.keys()
        return {number: self._under_holes(number, self._share(number)) for number in numbers}

    def kept(self, number: int, one: Object, settings: Labels) -> Object | str:
        """Return what becomes of an object, or the reason why it is dropped."""
        least = _least(one, settings)
        if one.weight < settings.min_visible * _EQUAL:
            return "too faint"
        share = self._share(number) if number in self._cut or self._shapes else 1.0
        hidden = self._under_holes(number, share) if self._cover or self._hidden else 0.0
        if hidden and share - hidden < max(least, 1e-9):
            return "covered"
        points, states = (None, None) if one.keypoints is None else self._keypoints.of(number)
        if not self._is_moved:
            same = states is None or one.states is None or bool((states == one.states).all())
            return one if same else replace(one, states=states, untouched=False)
        if share < least:
            return "too little visible"
        shape = self._shapes.get(number)
        if states is not None and not states.any() and number not in self._main:
            return "outside the image"
        seen = self._seen(number)
        if number in self._cut:
            seen = _without_slivers(seen)
        box = self._box(number, seen)
        if one.box is not None and box is not None and settings.boxes == "ellipse":
            box = self._round(number, box)
        corners, seen_corners = self._corners(number, seen) if one.corners is not None else (None, None)
        is_line = self._main.get(number) == "line"  # which may have no area at all
        sides = None if is_line else _sides(box, corners if seen_corners is None else seen_corners)
        if sides is not None and min(sides) < (TINY if one.stays else max(TINY, settings.min_pixels * _EQUAL)):
            return "too small"
        return Object(
            name=one.name,
            box=None if one.box is None else box,
            rings=tuple([ring for part, ring, _ in seen if part.kind == "ring"]),
            bitmap=None if shape is None else shape.bitmap,
            lines=tuple([ring for part, ring, _ in seen if part.kind == "line"]) if one.lines else (),
            keypoints=one.keypoints if points is None else points,
            states=one.states if states is None else states,
            pairs=one.pairs,
            corners=corners,
            seen_corners=seen_corners,
            stays=one.stays,
            share=share,
            weight=one.weight,
            origin=one.origin,
            untouched=False,
            words=one.words,
        )

    def _share(self, number: int) -> float:
        """Return how much is seen of the whole shape."""
        if number in self._shapes:
            return self._shapes[number].share
        kind = self._main.get(number)
        if kind is None or number not in self._cut:
            return 1.0
        whole = measure(kind, [ring for part, ring, _ in self._pieces[number] if part.kind == kind and part.is_whole])
        return min(1.0, measure(kind, self._main_rings(number, kind)) / whole) if whole > 0 else 1.0

    def _seen(self, number: int) -> list[Piece]:
        pieces = self._pieces.get(number, [])
        return [piece for piece in pieces if piece[0].is_seen] if number in self._cut else pieces

    def _main_rings(self, number: int, kind: Kind) -> list[Points]:
        return [ring for part, ring, _ in self._seen(number) if part.kind == kind]

    def _under_holes(self, number: int, share: float) -> float:
        """Return what part of the whole shape, of which a share is seen, is painted over."""
        before = self._hidden.get(number, 0.0)
        if self._cover is None:
            return before
        if number in self._shapes:
            return before + share * bitmaps.covered(self._shapes[number].bitmap, self._cover.holes)
        kind = self._main.get(number)
        if kind is None or kind == "line":
            return before
        rings = self._main_rings(number, kind)
        area = measure(kind, rings)
        return before + share * min(1.0, self._cover.area(rings) / area) if area > 0 else before

    def _box(self, number: int, seen: Sequence[Piece]) -> Bounds | None:
        loose = [box for part, _, box in seen if part.kind == "box"]
        if not loose and number in self._shapes:
            left, top, pixels = self._shapes[number].bitmap
            height, width = pixels.shape
            return float(left), float(top), float(left + width), float(top + height)
        boxes = loose or [box for _, _, box in seen]
        if not boxes:
            return None
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        width, height = self._size
        return (
            max(0.0, min(lefts)),
            max(0.0, min(tops)),
            min(float(width), max(rights)),
            min(float(height), max(bottoms)),
        )

    def _round(self, number: int, box: Bounds) -> Bounds:
        """Return the box around the moved ellipse in a box, if no more than a matrix has moved it."""
        whole = [ring for part, ring, _ in self._pieces[number] if part.kind == "box" and part.is_whole]
        if len(whole) != 1 or len(whole[0]) != 4:
            return box
        unit = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
        matrix = matrices.quad_to_quad(unit, [(x, y) for x, y in whole[0].tolist()])
        # 64 points of it, and as much farther out as it bulges between them
        points = matrices.apply(matrix, np.stack([np.cos(_ROUND), np.sin(_ROUND)], axis=1) / np.cos(np.pi / 64))
        left, top, right, bottom = bounds_of(points)
        inside = max(left, box[0]), max(top, box[1]), min(right, box[2]), min(bottom, box[3])
        return inside if inside[0] < inside[2] and inside[1] < inside[3] else box

    def _corners(self, number: int, seen: Sequence[Piece]) -> tuple[Points, Points | None]:
        """Return the corners of an oriented box, and where it is cut the rectangle around what is seen of it."""
        whole = next(ring for part, ring, _ in self._pieces[number] if part.kind == "corners" and part.is_whole)
        corners = whole if len(whole) == 4 else _like(clipping.smallest_rectangle(whole), whole)
        cut = [ring for part, ring, _ in seen if part.kind == "corners" and not part.is_whole]
        if not cut:
            return corners, None
        points = np.concatenate(cut)
        along = corners[1] - corners[0]
        length = float(np.hypot(*along))
        if not length:
            return corners, None
        around = clipping.rectangle_around(points, along / length)
        mirrored = clipping.signed_area(corners) < 0
        return corners, around[[3, 2, 1, 0]] if mirrored else around


def _least(one: Object, settings: Labels) -> float:
    """Return the share of an object that has to be seen."""
    return 0.0 if one.stays else settings.min_visible * _EQUAL


def _without_slivers(seen: list[Piece]) -> list[Piece]:
    """Leave out the smallest pieces of rings that a cut has left, but not all of them."""
    rings = [ring for part, ring, _ in seen if part.kind == "ring"]
    if len(rings) < 2:
        return seen
    areas = {id(ring): abs(clipping.signed_area(ring)) for ring in rings}
    limit = min(_SMALLEST, max(areas.values()))
    return [piece for piece in seen if piece[0].is_whole or areas.get(id(piece[1]), limit) >= limit]


def _like(corners: Points, outline: Points) -> Points:
    """Return the corners of a rectangle in the order of an outline, which begins at its first corner."""
    if clipping.signed_area(corners) * clipping.signed_area(outline) < 0:
        corners = corners[::-1]
    first = int(np.square(corners - outline[0]).sum(axis=1).argmin())
    return np.roll(corners, -first, axis=0)


def _sides(box: Bounds | None, corners: Points | None) -> tuple[float, float] | None:
    if corners is not None:
        return float(np.hypot(*(corners[1] - corners[0]))), float(np.hypot(*(corners[2] - corners[1])))
    return None if box is None else (box[2] - box[0], box[3] - box[1])
