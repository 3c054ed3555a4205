"""Ops packed for the compiled program, which runs a whole recipe in one call: the same bytes as op by op.

What it cannot run is left to the ops themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from struct import Struct

import numpy as np

from augcli.image import native
from augcli.image.arrays import Picture, Size
from augcli.image.blurs import gaussian_blur
from augcli.image.colour import NONE, ZERO
from augcli.image.noise import gaussian_noise
from augcli.image.ops.colours import Hue, Mix, Table
from augcli.image.ops.erase import Erase
from augcli.image.ops.geometric import Layers, Warp
from augcli.image.values import Value

KINDS = ("warp", "mix", "table", "hue", "blur", "noise", "erase")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic")
MOST_OPS, MOST_BOXES = 32, 16
RECIPE_OP = Struct("@12i q 9d 9d 3d 2d 256s 4s 768s 4x")
"""A RecipeOp of native/recipe.h: twelve whole numbers, seed, matrices, numbers, boxes, fill and table."""

_BOXES = [Struct(f"@{4 * count}i") for count in range(MOST_BOXES + 1)]
_EMPTY = (0.0,) * 9
_WARP, _MIX, _TABLE, _HUE, _BLUR, _NOISE, _ERASE = range(len(KINDS))


def pack(op: Value) -> bytes | None:
    """Return an op as a program reads it; None where it knows none such."""
    if isinstance(op, Warp):
        border, interpolation = op.border, INTERPOLATIONS.index(op.interpolation)
        whole = (_WARP, *op.size, native.BORDERS.index(border.mode), interpolation, op.antialias)
        return _packed(whole, op.matrix, fill=border.fill)
    if isinstance(op, Mix):
        return _packed((_MIX, 0, 0, 0, 0, 0, op.truncate), op.by_pixel, op.by_mean, op.constant)
    if isinstance(op, Table):
        return _packed((_TABLE, 0, 0, 0, 0, 0, 0, op.lut.shape[1]), table=op.lut.T.tobytes())
    if isinstance(op, Hue):
        return _packed((_HUE,), value=op.turns)
    if isinstance(op, Erase):
        if len(op.boxes) > MOST_BOXES or isinstance(op.fill, str):
            return None
        boxes = _BOXES[len(op.boxes)].pack(*(number for box in op.boxes for number in box))
        return _packed((_ERASE, *(0,) * 9, len(op.boxes)), boxes=boxes, fill=op.fill)
    function = getattr(op, "function", None)
    if isinstance(function, partial) and not function.args:
        named = function.keywords
        if function.func is gaussian_blur:
            return _packed((_BLUR, 0, 0, 0, 0, 0, 0, 0, named["kernel_size"]), value=named["sigma"])
        if function.func is gaussian_noise:
            grain = (_NOISE, 0, 0, 0, 0, 0, 0, 0, 0, named["per_channel"])
            return _packed(grain, seed=named["seed"], value=named["std"], mean=named["mean"])
    return None


def _packed(
    whole: Sequence[int],
    matrix: Sequence[float] = _EMPTY,
    by_mean: Sequence[float] = ZERO,
    constant: Sequence[float] = NONE,
    seed: int = 0,
    value: float = 0.0,
    mean: float = 0.0,
    boxes: bytes = b"",
    fill: Sequence[int] = (),
    table: bytes = b"",
) -> bytes:
    numbers = (*whole, *(0,) * (12 - len(whole)), seed, *matrix, *by_mean, *constant, value, mean)
    return RECIPE_OP.pack(*numbers, boxes, bytes(fill), table)


def run_packed(
    ops: bytes | int, count: int, picture: Picture, layers: Layers | None = None, size: Size | None = None
) -> Picture | None:
    """Run packed ops, given as bytes or by their address; None where the ops themselves have to.

    `layers` are those of the picture, where others start from it, too; `size` is that of what comes of it, where it is
    known.
    """
    image, alpha, pitch = picture
    if alpha is not None or count > MOST_OPS or image.dtype != np.uint8 or native.library() is None:
        return None
    levels = layers[0].levels if layers else None
    if levels is None:
        levels = native.Levels(image, pitch)
        if layers:
            layers[0].levels = levels
    made = native.run(levels, ops, count, size)
    return None if made is None else Picture(made)
