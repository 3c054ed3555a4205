"""What is labelled pixel by pixel: the bitmaps of objects and label images, on their way through ops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from augcli.image import matrices
from augcli.image.arrays import Box, Layer, Matrix, Points, Size
from augcli.image.geometry import Outside
from augcli.image.matrices import Bounds
from augcli.image.ops import Remap, Warp
from augcli.labels.annotation import Bitmap, LabelImage
from augcli.labels.outlines import bounds_of, corners_of

_SAMPLE = 1000
"""Pixels of a bitmap that tell how much of it a map shows that is not affine."""


_NONE = Outside("constant", (0,))


class Shape(NamedTuple):
    """What is seen of a bitmap, and what share that is of its whole."""

    bitmap: Bitmap
    share: float = 1.0


def moved(shape: Shape, op: Warp | Remap, size: Size) -> Shape | None:
    """Move a bitmap on an image of `size`; None where nothing of it is seen any more. It is not shown twice."""
    (left, top, pixels), share = shape
    height, width = pixels.shape
    inverse = matrices.inverse(op.matrix)
    low_x, low_y, high_x, high_y = _bounds(inverse, (left, top, left + width, top + height), size)
    reach = op.reach() if isinstance(op, Remap) else 0.0
    first_x, first_y = max(0.0, low_x - reach - 1) // 1, max(0.0, low_y - reach - 1) // 1
    last_x, last_y = min(op.size.width, high_x + reach + 1) // 1, min(op.size.height, high_y + reach + 1) // 1
    region = Box(int(first_x), int(first_y), int(last_x - first_x), int(last_y - first_y))
    if region.width < 1 or region.height < 1:
        return None
    here = replace(op, matrix=matrices.translation(-left, -top) @ op.matrix)
    read = here.labels(pixels.view(np.uint8)[:, :, np.newaxis], _NONE, region)
    found = _trimmed(Bitmap(region.left, region.top, read[:, :, 0].view(bool)))
    if found is None:
        return None
    is_inside = low_x >= reach and low_y >= reach and high_x <= op.size.width - reach
    if not (is_inside and high_y <= op.size.height - reach):
        share *= _share(shape.bitmap, found, op, inverse, size)
    return Shape(found, share)


def _bounds(matrix: Matrix, box: Bounds, size: Size) -> Bounds:
    """Return the box around a box that is moved; all of the plane where it reaches the horizon."""
    places = matrices.in_front(matrix, corners_of(box), size)
    if not matrices.lies_before(places).all():
        return -math.inf, -math.inf, math.inf, math.inf
    return bounds_of(places[:, :2] / places[:, 2:])


def _share(before: Bitmap, after: Bitmap, op: Warp | Remap, inverse: Matrix, size: Size) -> float:
    """Return the share of a bitmap that an op leaves to be seen."""
    if isinstance(op, Warp) and matrices.is_affine(op.matrix):
        grown = abs(inverse.a * inverse.e - inverse.b * inverse.d)
        return min(1.0, int(after.pixels.sum()) / (int(before.pixels.sum()) * grown))
    rows, columns = np.nonzero(before.pixels)
    some = slice(None, None, -(-len(rows) // _SAMPLE))
    places = np.stack([columns[some] + (before.left + 0.5), rows[some] + (before.top + 0.5)], axis=1)
    projected = matrices.in_front(inverse, places, size)
    is_seen = matrices.lies_before(projected)
    depth = np.where(is_seen, projected[:, 2], 1.0)
    points: Points = projected[:, :2] / depth[:, np.newaxis]
    if isinstance(op, Remap):
        points = op.bent(points)[0]
    weights = np.where(is_seen, depth**-3.0, 0.0)  # how much larger it becomes there
    is_seen &= ((points >= 0) & (points <= op.size)).all(axis=1)
    return float(weights[is_seen].sum() / max(weights.sum(), 1e-300))


def _trimmed(bitmap: Bitmap) -> Bitmap | None:
    left, top, pixels = bitmap
    columns, rows = np.flatnonzero(pixels.any(axis=0)), np.flatnonzero(pixels.any(axis=1))
    if not len(rows):
        return None
    part = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Bitmap(left + int(columns[0]), top + int(rows[0]), part)


def within(shape: Shape, boxes: Sequence[Bounds]) -> Shape | None:
    """Leave of a bitmap what lies in boxes of whole pixels, that do not overlap."""
    (left, top, pixels), share = shape
    rest = np.zeros_like(pixels)
    for box in boxes:
        where = _where(shape.bitmap, box)
        rest[where] = pixels[where]
    found = _trimmed(Bitmap(left, top, rest))
    return None if found is None else Shape(found, share * int(rest.sum()) / int(pixels.sum()))


def _where(bitmap: Bitmap, box: Bounds) -> tuple[slice, slice]:
    left, top, right, bottom = (int(side) for side in box)
    columns = slice(max(0, left - bitmap.left), max(0, right - bitmap.left))
    return slice(max(0, top - bitmap.top), max(0, bottom - bitmap.top)), columns


def covered(bitmap: Bitmap, holes: npt.NDArray[np.bool_]) -> float:
    """Return the share of a bitmap that lies under holes, the pixels of the picture that are painted over."""
    left, top, pixels = bitmap
    height, width = pixels.shape
    return float((pixels & holes[top : top + height, left : left + width]).sum() / pixels.sum())


def image_moved(image: LabelImage, op: Warp | Remap, *, mirrors: bool) -> LabelImage:
    """Move a label image; where the op mirrors it, values of left and right are exchanged.

    A constant border gets the values for outside, another one repeats what is inside.
    """
    channels = image.values.shape[2]
    outside = image.outside if len(image.outside) == channels else image.outside[:1] * channels
    values = op.labels(image.values, Outside(op.border.mode, outside))
    return replace(image, values=swapped(values, image.swap) if mirrors else values, untouched=False)


def swapped(values: Layer, pairs: Sequence[tuple[int, int]]) -> Layer:
    """Exchange values for one another."""
    if not pairs:
        return values
    if values.dtype == np.uint8:
        table = np.arange(256, dtype=np.uint8)
        for one, other in pairs:
            table[[one, other]] = other, one
        exchanged: Layer = table[values]
        return exchanged
    exchanged = values.copy()
    for one, other in pairs:
        exchanged[values == one], exchanged[values == other] = other, one
    return exchanged


def images_pasted(own: LabelImage, others: Sequence[LabelImage | None], parts: Sequence[Box]) -> LabelImage:
    """Put parts of other label images of the same size into one, at the same place."""
    values = own.values.copy()
    for (left, top, width, height), other in zip(parts, others, strict=True):
        where = np.s_[top : top + height, left : left + width]
        values[where] = np.array(own.outside, own.values.dtype) if other is None else other.values[where]
    return replace(own, values=values, untouched=False)
