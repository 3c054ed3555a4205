"""Keypoints of all objects of a picture in one array; each keeps its slot, wherever its point goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from augcli.image import matrices
from augcli.image.arrays import Box, Matrix, Points, Size
from augcli.image.matrices import Bounds
from augcli.image.ops import Remap
from augcli.labels.annotation import Object


@dataclass(frozen=True, eq=False)
class Keypoints:
    """`points` (N, 2) with their `states` (N,); `slots` says where those of an object are, by its number.

    In a mirrored picture place i gets what place `mirror[i]` has.
    """

    points: Points
    states: npt.NDArray[np.int8]
    mirror: npt.NDArray[np.intp]
    slots: dict[int, slice]

    def moved(self, matrix: Matrix, size: Size) -> Keypoints:
        """Move them by a matrix from an image of `size`; what lies behind the horizon is lost."""
        if not self.slots:
            return self
        if matrices.is_affine(matrix):
            return self._with(matrices.affine(matrix, self.points), self.states)
        places = matrices.in_front(matrix, self.points, size)
        before = matrices.lies_before(places)
        points = places[:, :2] / np.where(before, places[:, 2], 1.0)[:, np.newaxis]
        return self._with(points, self.states * before)

    def bent(self, op: Remap) -> Keypoints:
        """Move them from behind the matrix of a Remap to where its field shows them."""
        return self._with(op.bent(self.points)[0], self.states) if self.slots else self

    def mirrored(self) -> Keypoints:
        """Exchange left and right."""
        return self._with(self.points[self.mirror], self.states[self.mirror])

    def within(self, boxes: Sequence[Bounds]) -> Keypoints:
        """Lose what lies in none of the boxes. A point on a right or lower edge lies beyond it."""
        if not self.slots:
            return self
        is_inside = np.zeros(len(self.points), bool)
        for left, top, right, bottom in boxes:
            sides = (self.points >= (left, top)) & (self.points < (right, bottom))
            is_inside |= sides[:, 0] & sides[:, 1]
        return self._with(self.points, self.states * is_inside)

    def covered(self, boxes: Sequence[Box]) -> Keypoints:
        """Let what is under one of the boxes be labelled but hidden."""
        x, y = self.points.T
        covered = np.zeros(len(x), bool)
        for left, top, width, height in boxes:
            covered |= (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        return self._with(self.points, np.where(covered, np.minimum(self.states, np.int8(1)), self.states))

    def of(self, owner: int) -> tuple[Points | None, npt.NDArray[np.int8] | None]:
        """Return points and states of an object, (0, 0) where it is not labelled."""
        slots = self.slots.get(owner)
        if slots is None:
            return None, None
        states = self.states[slots]
        return np.where(states[:, np.newaxis] > 0, self.points[slots], 0.0), states

    def _with(self, points: Points, states: npt.NDArray[np.int8]) -> Keypoints:
        return Keypoints(points, states, self.mirror, self.slots)

    def followed_by(self, other: Keypoints, owners: int) -> Keypoints:
        """Add those of other objects, whose numbers follow those of `owners` objects."""
        count = len(self.points)
        slots = {
            number + owners: slice(place.start + count, place.stop + count) for number, place in other.slots.items()
        }
        return Keypoints(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.states, other.states]),
            np.concatenate([self.mirror, other.mirror + count]),
            {**self.slots, **slots},
        )


def keypoints_of(objects: Sequence[Object]) -> Keypoints:
    """Return the keypoints of objects, each with its number as the owner."""
    points, states, mirror = [np.empty((0, 2))], [np.empty(0, np.int8)], [np.empty(0, np.intp)]
    slots, count = {}, 0
    for number, one in enumerate(objects):
        if one.keypoints is None or not len(one.keypoints):
            continue
        places = np.arange(len(one.keypoints))
        for left, right in one.pairs:
            places[[left, right]] = places[[right, left]]
        points.append(one.keypoints)
        states.append(np.full(len(places), 2, np.int8) if one.states is None else one.states)
        mirror.append(places + count)
        slots[number] = slice(count, count + len(places))
        count += len(places)
    return Keypoints(np.concatenate(points), np.concatenate(states), np.concatenate(mirror), slots)
