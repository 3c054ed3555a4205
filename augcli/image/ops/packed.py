"""Ops that compiled code has made, packed; they become values where somebody looks at them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache, cached_property, partial
from struct import unpack_from
from typing import Any, overload

import numpy as np

from augcli.image.arrays import Box, Matrix, Size
from augcli.image.blurs import gaussian_blur
from augcli.image.native import BORDERS
from augcli.image.noise import gaussian_noise
from augcli.image.ops import Erase, Filter, Hue, Mix, Op, Table, Warp
from augcli.image.ops.native_run import INTERPOLATIONS, KINDS, RECIPE_OP
from augcli.settings import Border
from augcli.settings.values import Colour

SIZE = RECIPE_OP.size
"""Of one packed op, in bytes."""


class PackedOps(Sequence[Op]):
    """So many packed ops from an address on, which are part of what `owner` holds."""

    def __init__(self, owner: object, address: int, count: int) -> None:
        self._owner = owner
        self.address, self._count = address, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Op: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Op]: ...
    def __getitem__(self, index: int | slice) -> Op | Sequence[Op]:
        return self._ops[index]

    @cached_property
    def _ops(self) -> list[Op]:
        packed = ctypes.string_at(self.address, self._count * SIZE)
        return [_op(*fields) for fields in RECIPE_OP.iter_unpack(packed)]

    def __reduce__(self) -> tuple[type[list[Op]], tuple[list[Op]]]:
        return list, (self._ops,)  # an address is nobody else's


def _op(*fields: Any) -> Op:
    kind, width, height, border, interpolation, antialias, truncate, columns, *some, seed = fields[:13]
    kernel_size, per_channel, boxes, fill_is_random = some
    matrix, by_mean, constant, (value, mean) = fields[13:22], fields[22:31], fields[31:34], fields[34:36]
    corners, fill, table = fields[36], tuple(fields[37][:3]), fields[38]
    match KINDS[kind]:
        case "warp":
            outside = _border(BORDERS[border], fill)
            return Warp(
                Matrix(*matrix), Size(width, height), outside, INTERPOLATIONS[interpolation], antialias=bool(antialias)
            )
        case "mix":
            return Mix(Matrix(*matrix), Matrix(*by_mean), constant, bool(truncate))
        case "table":
            return Table(np.frombuffer(table, np.uint8)[: 256 * columns].reshape(columns, 256).T)
        case "hue":
            return Hue(value)
        case "blur":
            return Filter(partial(gaussian_blur, kernel_size=kernel_size, sigma=value), "mean")
        case "noise":
            add = partial(gaussian_noise, mean=mean, std=value, per_channel=bool(per_channel), seed=seed)
            return Filter(add)
    holes = tuple(Box(*unpack_from("4i", corners, 16 * at)) for at in range(boxes))
    return Erase(holes, "random" if fill_is_random else fill, seed)


@cache
def _border(mode: Any, fill: Colour) -> Border:
    return Border(mode=mode, fill=fill)
