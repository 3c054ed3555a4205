"""Outlines of all objects of a picture in one array, moved at once, and cut where they leave what is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image import matrices
from augcli.image.arrays import Matrix, Points, Size
from augcli.image.matrices import TINY, Bounds
from augcli.image.ops import Remap
from augcli.labels import clipping
from augcli.labels.annotation import Object

Kind: TypeAlias = Literal["ring", "box", "corners", "line"]

_STEP = 4.0
"""Pixels between points of an outline that a displacement field bends."""
_MOST = 4096
"""Points that an edge gets, however long it is."""
_LOOSE = 2.0
"""Pixels between a box and the extents of its shape from which on it is not meant to be tight."""


class Part(NamedTuple):
    """One outline of the object with the number `owner`: of its whole shape, of what is seen of it, or of both."""

    owner: int
    kind: Kind
    is_whole: bool = True
    is_seen: bool = True


@dataclass(frozen=True, eq=False)
class Outlines:
    """The parts of all objects, in the order of these; part k has the points from `starts[k]` to the next start."""

    points: Points
    starts: npt.NDArray[np.intp]
    parts: tuple[Part, ...]

    def __iter__(self) -> Iterator[tuple[Part, Points]]:
        starts = [*self.starts.tolist(), len(self.points)]
        for k, part in enumerate(self.parts):
            yield part, self.points[starts[k] : starts[k + 1]]

    def bounds(self) -> tuple[Points, Points]:
        """Return the least and the greatest place of each part."""
        if not self.parts:
            return np.empty((0, 2)), np.empty((0, 2))
        return np.minimum.reduceat(self.points, self.starts), np.maximum.reduceat(self.points, self.starts)

    def moved(self, matrix: Matrix, size: Size, target: Size) -> Outlines:
        """Move them by a matrix from an image of `size` to one of `target`.

        What lies behind the horizon is cut off, and what lies before it more than a canvas beside the canvas.
        """
        if matrices.is_affine(matrix):
            return replace(self, points=matrices.apply(matrix, self.points))
        places = matrices.in_front(matrix, self.points, size)
        if matrices.lies_before(places).all():
            return replace(self, points=places[:, :2] / places[:, 2:])
        width, height = target
        around = (-width, -height, 2 * width, 2 * height)
        pieces: list[tuple[Part, Points]] = []
        for part, ring in replace(self, points=places):
            cut, within = _ways(part.kind)
            for piece in cut(ring, ring[:, 2] - matrices.NEAREST):
                flat = piece[:, :2] / piece[:, 2:]
                pieces += [(part, found) for found in within(flat, around)]
        return joined(pieces)

    def _dense(self) -> Outlines:
        """Put points between those that are far apart, so that edges may bend."""
        starts = self.starts
        ends = np.append(starts[1:], len(self.points)) - 1
        along = np.empty_like(self.points)
        along[:-1] = self.points[1:] - self.points[:-1]
        if self.parts:
            closes = np.array([part.kind != "line" for part in self.parts])
            along[ends] = (self.points[starts] - self.points[ends]) * closes[:, np.newaxis]
        counts = np.clip(np.ceil(np.hypot(*along.T) / _STEP), 1, _MOST).astype(np.intp)
        firsts = np.cumsum(counts) - counts
        part_of_edge = (np.arange(counts.sum()) - np.repeat(firsts, counts)) / np.repeat(counts, counts)
        points = np.repeat(self.points, counts, axis=0)
        points += np.repeat(along, counts, axis=0) * part_of_edge[:, np.newaxis]
        return replace(self, points=points, starts=firsts[starts])

    def cut(self, boxes: Sequence[Bounds]) -> Outlines:
        """Cut what is seen to boxes that do not overlap. Of whom nothing is seen any more nothing is left."""
        low, high = self.bounds()
        crosses = np.ones(len(self.parts), bool)
        for left, top, right, bottom in boxes:
            is_inside = (low >= (left - TINY, top - TINY)) & (high <= (right + TINY, bottom + TINY))
            crosses &= ~is_inside.all(axis=1)
        if not crosses.any():
            return self
        pieces: list[tuple[Part, Points]] = []
        for (part, ring), is_cut in zip(self, crosses.tolist(), strict=True):
            if not is_cut or not part.is_seen:
                pieces.append((part, ring))
                continue
            _, within = _ways(part.kind)
            seen = [piece for box in boxes for piece in within(ring, box)]
            if len(boxes) > 1 and seen and measure(part.kind, seen) >= measure(part.kind, [ring]) * (1 - 1e-9):
                pieces.append((part, ring))
                continue
            if part.is_whole:
                pieces.append((part._replace(is_seen=False), ring))
            pieces += [(part._replace(is_whole=False), piece) for piece in seen]
        return joined(pieces)

    def bent(self, op: Remap) -> Outlines:
        """Move them from behind the matrix of a Remap to where its field shows them.

        Where it folds a shape is shown several times or not at all: a box becomes that of its pixels, as they are
        shown, and other shapes do without what is folded.
        """
        dense = self._dense()
        points, folds = op.bent(dense.points)
        bent = replace(dense, points=points)
        if not folds.any():
            return bent
        pieces: list[tuple[Part, Points]] = []
        starts = dense.starts.tolist()
        for (part, before), (_, after), start in zip(dense, bent, starts, strict=True):
            plain = ~folds[start : start + len(before)]
            if plain.all():
                pieces.append((part, after))
            elif part.kind == "box":
                if (extents := op.extents(before)) is not None:
                    pieces.append((part, corners_of(extents)))
            elif plain.sum() > 2:
                pieces.append((part, after[plain]))
        return joined(pieces)

    def followed_by(self, other: Outlines, owners: int) -> Outlines:
        """Add those of other objects, whose numbers follow those of `owners` objects."""
        return Outlines(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.starts, other.starts + len(self.points)]),
            (*self.parts, *(part._replace(owner=part.owner + owners) for part in other.parts)),
        )

    def without(self, owners: set[int]) -> Outlines:
        if not owners:
            return self
        return joined((part, ring) for part, ring in self if part.owner not in owners)


def joined(pieces: Iterable[tuple[Part, Points]]) -> Outlines:
    """Return pieces as one."""
    pairs = list(pieces)
    if not pairs:
        return Outlines(np.empty((0, 2)), np.empty(0, np.intp), ())
    rings = [ring for _, ring in pairs]
    lengths = np.array([len(ring) for ring in rings], np.intp)
    return Outlines(np.concatenate(rings), np.cumsum(lengths) - lengths, tuple(part for part, _ in pairs))


def outlines_of(objects: Sequence[Object]) -> Outlines:
    """Return the outlines of objects, each with its number as the owner."""
    return joined((Part(number, kind), ring) for number, one in enumerate(objects) for kind, ring in _parts_of(one))


def _parts_of(one: Object) -> Iterator[tuple[Kind, Points]]:
    for ring in one.rings:
        yield "ring", ring
    if one.corners is not None:
        yield "corners", one.corners
    for line in one.lines:
        yield "line", line
    if one.box is not None:
        extents = extents_of(one)
        if extents is None or max(abs(a - b) for a, b in zip(extents, one.box, strict=True)) > _LOOSE:
            yield "box", corners_of(one.box)


def bounds_of(points: Points) -> Bounds:
    """Return the box around points."""
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom


def corners_of(box: Bounds) -> Points:
    left, top, right, bottom = box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def extents_of(one: Object) -> Bounds | None:
    """Return the box around the shape of an object, if it has one besides its box."""
    if one.bitmap is not None:
        left, top, pixels = one.bitmap
        columns, rows = np.flatnonzero(pixels.any(axis=0)), np.flatnonzero(pixels.any(axis=1))
        if not len(rows):
            return None
        return (
            float(left + columns[0]),
            float(top + rows[0]),
            float(left + columns[-1] + 1),
            float(top + rows[-1] + 1),
        )
    shapes = one.rings or (() if one.corners is None else (one.corners,)) or one.lines
    if not shapes:
        return None
    points = np.concatenate(shapes)
    return bounds_of(points)


def _ways(kind: Kind) -> tuple[Callable[..., list[Points]], Callable[[Points, Bounds], list[Points]]]:
    if kind == "line":
        return clipping.line_cut, clipping.line_within
    return clipping.cut, clipping.within


def measure(kind: Kind, pieces: Sequence[Points]) -> float:
    """Return the area of pieces, or the length of lines."""
    return sum(map(clipping.length, pieces)) if kind == "line" else clipping.area(pieces)
