"""The shares of a soft label: how much of each mixed picture later steps leave to be seen.

Each of the mixed pictures has a mask (H, W, 1), 255 where it is seen. Masks go through the same geometry as the
pixels: what is turned out of the canvas, cut off, or painted over is no part of the label any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from augcli.image import geometry
from augcli.image.arrays import Box, Image, Size
from augcli.image.erasing import erase_boxes
from augcli.image.ops import Blend, Erase, Filter, Op, Parallel, Remap, Warp
from augcli.random_streams import total

_PLACES = 4
"""Decimal places of a share that is counted: kernels of other processors may differ in the last bit of a pixel."""

_LARGE = 128
"""Pixels, of the shorter side: half a pixel of it is less than a share of 0.004."""


def remaining_shares(mixed: Sequence[float], blend: Blend, size: Size, later: Sequence[Op]) -> tuple[float, ...]:
    """Return the share that each picture of a mix has in what `later` ops leave of it.

    `mixed` are the shares of the mix itself, an image of `size`. They stay as they are where all pictures are seen
    everywhere, where nothing is lost, and where nothing is left.
    """
    if not blend.parts or _keeps_all(later, size):
        return tuple(mixed)
    masks = masks_of(blend.parts, size)
    for op in later:
        masks = [moved(mask, op) for mask in masks]
    seen = [int(mask.sum(dtype=np.int64)) for mask in masks]
    if not any(seen):
        return tuple(mixed)
    shares = [round(one / sum(seen), _PLACES) for one in seen]
    most = shares.index(max(shares))
    shares[most] += 1 - total(shares)  # what rounding took or gave
    return tuple(shares)


def _keeps_all(ops: Sequence[Op], size: Size) -> bool:
    """Tell whether ops show each pixel of an image of `size` exactly once."""
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


def masks_of(parts: Sequence[Box], size: Size) -> list[Image]:
    """Return the mask of a picture of `size`, then those of the others, which have these parts of it."""
    shape = (size.height, size.width, 1)
    own = np.full(shape, 255, np.uint8)
    masks = [own]
    for left, top, width, height in parts:
        where = np.s_[top : top + height, left : left + width]
        mask = np.zeros(shape, np.uint8)
        own[where] = 0
        mask[where] = 255
        masks.append(mask)
    return masks


def moved(mask: Image, op: Op) -> Image:
    """Move a mask as an op moves pixels. A constant border belongs to no picture; another one repeats them."""
    if isinstance(op, (Warp, Remap)):
        kernel = replace(op, interpolation=_interpolation(op)).kernel(pitch=1)
        return kernel(mask, geometry.without_fill(op.border))
    if isinstance(op, Erase):
        return erase_boxes(mask, op.boxes, (0, 0, 0), 0)
    if isinstance(op, Filter) and op.reads == "mean":
        return op.function(mask)
    if isinstance(op, Parallel):
        mixed = mask * np.float32(op.weights[0])
        for chain, weight in zip(op.chains, op.weights[1:], strict=True):
            version = mask
            for inner in chain:
                version = moved(version, inner)
            mixed += version * np.float32(weight)
        whole: Image = np.rint(mixed).astype(np.uint8)
        return whole
    return mask


def _interpolation(op: Warp | Remap) -> str:
    """Choose what is exact for small outputs, and cheap for large ones: an edge is off by half a pixel at most."""
    return op.interpolation if min(op.size) < _LARGE else "nearest"
