"""Fusion merges neighbouring ops, off, exact or full; it looks at the ops alone.

`exact` merges only what gives the same bytes. `full` (the default) also merges interpolations and colour mixes, which
rounds and clips once instead of after every step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np

from augcli.image import colour, matrices, shrinking
from augcli.image.arrays import Size
from augcli.image.ops import Mix, Op, Remap, Table, Warp, size_after

Fusion: TypeAlias = Literal["off", "exact", "full"]


def fuse(ops: Iterable[Op], size: Size, fusion: Fusion) -> list[Op]:
    """Merge neighbours and drop what changes nothing; `size` is that of the image before the first op."""
    if fusion == "off":
        return list(ops)
    merged = _merge_neighbours(list(ops), size, fusion == "exact")
    # A mix that turned out to be a table merges exactly with the tables beside it.
    tabled = [_tabled(op) if isinstance(op, Mix) else op for op in merged]
    if sum(isinstance(op, Table) for op in tabled) > 1:
        tabled = _merge_neighbours(tabled, size, exact=True)
    merged = tabled
    return [op for op, before in zip(merged, _sizes(merged, size), strict=True) if not _is_nothing(op, before)]


def _tabled(op: Mix) -> Mix | Table:
    """Return a mix as a table, or as it is where channels or the mean come in."""
    if op.reads_mean or not colour.is_diagonal(op.by_pixel):
        return op
    scale = (op.by_pixel.a, op.by_pixel.e, op.by_pixel.i)
    return Table(colour.levels(scale, op.constant, op.truncate))


def _sizes(ops: list[Op], size: Size) -> list[Size]:
    sizes = []
    for op in ops:
        sizes.append(size)
        size = size_after(op, size)
    return sizes


def _merge_neighbours(ops: list[Op], size: Size, exact: bool) -> list[Op]:
    done: list[Op] = []
    sizes: list[Size] = []  # before each op of `done`
    for op in ops:
        if done and (both := _merged(done[-1], op, sizes[-1], exact)) is not None:
            done[-1] = both
        else:
            sizes.append(size_after(done[-1], sizes[-1]) if done else size)
            done.append(op)
    return done


def _merged(first: Op, second: Op, size: Size, exact: bool) -> Op | None:
    """Return one op for two neighbours, or None; `size` is that of the image before the first."""
    if isinstance(first, Warp) and isinstance(second, Warp):
        return _one_warp(first, second, size, exact)
    if isinstance(first, Warp) and isinstance(second, Remap) and not exact:
        return _one_remap(first, second, size)
    if isinstance(first, Table) and isinstance(second, Table):
        shape = (256, max(first.lut.shape[1], second.lut.shape[1]))
        indices = np.broadcast_to(first.lut, shape).astype(np.intp)
        return Table(np.take_along_axis(np.broadcast_to(second.lut, shape), indices, axis=0))
    if isinstance(first, Mix) and isinstance(second, Mix) and not exact:
        # mean(y) = (by_pixel + by_mean) mean(x) + constant
        by_pixel = second.by_pixel @ first.by_pixel
        if max(map(abs, by_pixel)) > colour.LARGEST_WEIGHT:
            return None
        by_mean, constant = first.by_mean, first.constant
        if by_mean != colour.ZERO:
            by_mean = second.by_pixel @ by_mean
        if second.by_mean != colour.ZERO:
            carried = second.by_mean @ first.by_pixel.plus(first.by_mean)
            by_mean = carried if by_mean == colour.ZERO else by_mean.plus(carried)
        if constant != colour.NONE:
            constant = second.by_pixel.plus(second.by_mean).on(constant)
        if second.constant != colour.NONE:
            red, green, blue = (one + two for one, two in zip(constant, second.constant, strict=True))
            constant = (red, green, blue)
        return Mix(by_pixel, by_mean, constant)
    return None


def _one_warp(first: Warp, second: Warp, size: Size, exact: bool) -> Warp | None:
    if exact and not (first.copies and second.copies):
        return None
    second_inside = second.reads_inside(first.size)
    if exact and not second_inside:
        return None
    if second_inside:
        border = first.border
        if first.reads_inside(size) and first.border.mode != "edge":
            border = second.border
    elif first.reads_inside(size) or first.border == second.border:
        border = second.border
    else:
        return None
    if first.interpolation == second.interpolation or second.copies:
        interpolation = first.interpolation
    elif first.copies:
        interpolation = second.interpolation
    else:
        return None
    antialias = first.antialias or second.antialias
    return Warp(first.matrix @ second.matrix, second.size, border, interpolation, antialias)


def _one_remap(first: Warp, second: Remap, size: Size) -> Remap | None:
    """Let a Remap read the image before the Warp, but not where the Warp filters what it shrinks: no Remap does."""
    antialias = first.antialias and first.interpolation != "nearest"
    if shrinking.averages_first(first.matrix, first.size, antialias) or second.matrix != matrices.IDENTITY:
        return None
    if first.border != second.border and not (first.copies and first.reads_inside(size)):
        return None
    if first.interpolation != second.interpolation and not first.copies:
        return None
    return replace(second, matrix=first.matrix)


_NEUTRAL = np.arange(256, dtype=np.uint8)[:, np.newaxis]


def _is_nothing(op: Op, size: Size) -> bool:
    if isinstance(op, Warp):
        if op.size != size:
            return False
        a, b, c, d, e, f, g, h, i = op.matrix
        return bool(max(map(abs, (a - 1, b, c, d, e - 1, f, g, h, i - 1))) < 1e-9)
    if isinstance(op, Table):
        return bool((op.lut == _NEUTRAL).all())
    return False
