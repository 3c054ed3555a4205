"""Outlines of all objects of a picture in one array, moved at once, and cut where they leave what is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image import matrices
from augcli.image.arrays import Matrix, Points, Size
from augcli.image.matrices import TINY, Bounds
from augcli.image.ops import Remap
from augcli.labels import clipping
from augcli.labels.annotation import Object
from augcli.random_streams import total

Kind: TypeAlias = Literal["ring", "box", "corners", "line"]

_STEP = 4.0
"""Pixels between points of an outline that a displacement field bends."""
_MOST = 1_000_000
"""Points that are put between others at most, in all outlines together."""
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

    def bounds(self) -> list[list[float]]:
        """Return the box around each part: left, top, right, bottom."""
        if not self.parts:
            return []
        low = np.minimum.reduceat(self.points, self.starts)
        return np.concatenate([low, np.maximum.reduceat(self.points, self.starts)], axis=1).tolist()  # type: ignore[no-any-return]

    def moved(self, matrix: Matrix, size: Size, target: Size) -> Outlines:
        """Move them by a matrix from an image of `size` to one of `target`.

        What lies behind the horizon is cut off, and what lies before it more than a canvas beside the canvas.
        """
        if matrices.is_affine(matrix):
            return Outlines(matrices.affine(matrix, self.points), self.starts, self.parts)
        places = matrices.in_front(matrix, self.points, size)
        if matrices.lies_before(places).all():
            return Outlines(places[:, :2] / places[:, 2:], self.starts, self.parts)
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
        lengths = np.hypot(*along.T) / _STEP
        lengths *= min(1.0, _MOST / max(float(lengths.sum()), 1.0))
        counts = np.ceil(np.maximum(lengths, 0.5)).astype(np.intp)
        firsts = np.cumsum(counts) - counts
        part_of_edge = (np.arange(counts.sum()) - np.repeat(firsts, counts)) / np.repeat(counts, counts)
        points = np.repeat(self.points, counts, axis=0)
        points += np.repeat(along, counts, axis=0) * part_of_edge[:, np.newaxis]
        return replace(self, points=points, starts=firsts[starts])

    def cut(self, boxes: Sequence[Bounds], main: Mapping[int, Kind | None]) -> tuple[Outlines, set[int]]:
        """Cut what is seen to boxes that do not overlap.

        Objects whose parts of the kind that `main` says are seen no more are left out, and named.
        """
        bounds = self.bounds()
        crosses = [not any(_lies_in(around, box) for box in boxes) for around in bounds]
        if not any(crosses):
            return self, set()
        pieces: list[tuple[Part, Points]] = []
        for (part, ring), around, is_cut in zip(self, bounds, crosses, strict=True):
            if not is_cut or not part.is_seen:
                pieces.append((part, ring))
                continue
            _, within = _ways(part.kind)
            seen = [piece for box in boxes for piece in within(ring, box, around)]
            if len(boxes) > 1 and seen and measure(part.kind, seen) >= measure(part.kind, [ring]) * (1 - 1e-9):
                pieces.append((part, ring))
                continue
            if part.is_whole:
                pieces.append((Part(part.owner, part.kind, is_seen=False), ring))
            pieces += [(Part(part.owner, part.kind, is_whole=False), piece) for piece in seen]
        seen_owners = _seen((part for part, _ in pieces), main)
        gone = self.seen(main) - seen_owners
        return joined(piece for piece in pieces if piece[0].owner not in gone), gone

    def bent(self, op: Remap) -> Outlines:
        """Move them from behind the matrix of a Remap to where its field shows them.

        Where it folds, a shape is shown several times or not at all, and its pixels tell what it becomes.
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
            elif part.kind == "line":
                pieces += [(part, after[plain])] if plain.any() else []
            elif shown := op.shown(before):
                pieces += [(part, ring) for ring in _as(part.kind, shown)]
        return joined(pieces)

    def followed_by(self, other: Outlines, owners: int) -> Outlines:
        """Add those of other objects, whose numbers follow those of `owners` objects."""
        return Outlines(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.starts, other.starts + len(self.points)]),
            (*self.parts, *(part._replace(owner=part.owner + owners) for part in other.parts)),
        )

    def seen(self, main: Mapping[int, Kind | None]) -> set[int]:
        """Return the objects of which a part of the kind that `main` says is seen."""
        return _seen(self.parts, main)

    def without(self, owners: Set[int]) -> Outlines:
        """Leave out some objects."""
        return joined((part, ring) for part, ring in self if part.owner not in owners)


def joined(pieces: Iterable[tuple[Part, Points]]) -> Outlines:
    """Return pieces as one."""
    pairs = list(pieces)
    if not pairs:
        return Outlines(np.empty((0, 2)), np.empty(0, np.intp), ())
    rings = [ring for _, ring in pairs]
    starts = [0, *accumulate(map(len, rings[:-1]))]
    return Outlines(
        np.concatenate(rings, dtype=np.float64), np.array(starts, np.intp), tuple(part for part, _ in pairs)
    )


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


def _seen(parts: Iterable[Part], main: Mapping[int, Kind | None]) -> set[int]:
    return {part.owner for part in parts if part.is_seen and part.kind == main[part.owner]}


def _lies_in(around: Sequence[float], box: Bounds) -> bool:
    left, top, right, bottom = box
    is_right = around[0] >= left - TINY and around[2] <= right + TINY
    return is_right and around[1] >= top - TINY and around[3] <= bottom + TINY


def _as(kind: Kind, rings: list[Points]) -> list[Points]:
    """Return what a part of a kind is that has become several rings."""
    if kind == "box":
        return [corners_of(bounds_of(np.concatenate(rings)))]
    return [clipping.hull(np.concatenate(rings))] if kind == "corners" else rings


def _ways(kind: Kind) -> tuple[Callable[..., list[Points]], Callable[..., list[Points]]]:
    if kind == "line":
        return clipping.line_cut, clipping.line_within
    return clipping.cut, clipping.within


def measure(kind: Kind, pieces: Sequence[Points]) -> float:
    """Return the area of pieces, or the length of lines."""
    return total(map(clipping.length, pieces)) if kind == "line" else clipping.area(pieces)
