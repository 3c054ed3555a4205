"""Which picture a pixel of a mixed one belongs to, and how much of each is left to be seen behind later steps.

Each of the mixed pictures has a plane (H, W, 1) of 255 where it is seen. Planes go through the same geometry as the
pixels: what is turned out of the canvas, cut off, or painted over is no part of the label any more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcli.image import geometry
from augcli.image.arrays import Box, Image, Size
from augcli.image.erasing import erase_boxes
from augcli.image.ops import Blend, Erase, Filter, Op, Parallel, Remap, Warp

_PLACES = 4
"""Decimal places of a share that is counted: kernels of other processors may differ in the last bit of a pixel."""

_LARGE = 128
"""Pixels, of the shorter side: half a pixel of it is less than a share of 0.004."""


def remaining_shares(mixed: Sequence[float], blend: Blend, size: Size, later: Sequence[Op]) -> tuple[float, ...]:
    """Return the share of each picture in what is left of a mix behind `later` ops.

    `mixed` are the shares of the mix itself, of an image of `size`. They stay as they are where all pictures are seen
    everywhere, where nothing is lost, and where nothing is left.
    """
    if not blend.parts or _keeps_all(later, size):
        return tuple(mixed)
    planes = planes_of(blend.parts, size)
    for op in later:
        planes = [traced(plane, op) for plane in planes]
    seen = [int(plane.sum(dtype=np.int64)) for plane in planes]
    if not any(seen):
        return tuple(mixed)
    shares = [round(one / sum(seen), _PLACES) for one in seen]
    most = shares.index(max(shares))
    shares[most] += 1 - sum(shares)  # what rounding took or gave
    return tuple(shares)


def _keeps_all(ops: Sequence[Op], size: Size) -> bool:
    """Tell whether all pixels of an image of `size` are seen behind some ops, once each."""
    for op in ops:
        if isinstance(op, Warp):
            is_whole = op.size.width * op.size.height == size.width * size.height
            if not (is_whole and op.copies and op.reads_inside(size)):
                return False
            size = op.size
        elif isinstance(op, Parallel):
            if not all(_keeps_all(chain, size) for chain in op.chains):
                return False
        elif isinstance(op, (Remap, Erase)) or (isinstance(op, Filter) and op.reads == "mean"):
            return False
    return True


def planes_of(parts: Sequence[Box], size: Size) -> list[Image]:
    """Return the plane of a picture of `size` and those of the parts that others have of it."""
    shape = (size.height, size.width, 1)
    own = np.full(shape, 255, np.uint8)
    planes = [own]
    for left, top, width, height in parts:
        where = np.s_[top : top + height, left : left + width]
        plane = np.zeros(shape, np.uint8)
        own[where] = 0
        plane[where] = 255
        planes.append(plane)
    return planes


def traced(plane: Image, op: Op) -> Image:
    """Move a plane as an op moves pixels. The border is nobody's, but where it repeats the picture."""
    if isinstance(op, Warp):
        return geometry.warp(
            plane, op.matrix, op.size, geometry.without_fill(op.border), _interpolation(op), op.antialias
        )
    if isinstance(op, Remap):
        return geometry.remap(plane, op.places(), geometry.without_fill(op.border), _interpolation(op))
    if isinstance(op, Erase):
        return erase_boxes(plane, op.boxes, (0, 0, 0), 0)
    if isinstance(op, Filter) and op.reads == "mean":
        return op.function(plane)
    if isinstance(op, Parallel):
        mixed = plane * np.float32(op.weights[0])
        for chain, weight in zip(op.chains, op.weights[1:], strict=True):
            version = plane
            for inner in chain:
                version = traced(version, inner)
            mixed += version * np.float32(weight)
        whole: Image = np.rint(mixed).astype(np.uint8)
        return whole
    return plane


def _interpolation(op: Warp | Remap) -> str:
    """Choose what is exact for small outputs, and cheap for large ones: an edge is off by half a pixel at most."""
    return op.interpolation if min(op.size) < _LARGE else "nearest"
