"""Kernels that paint over boxes of an image: image in, image out of the same size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Box, Image, Size, as_colour
from augcli.settings.values import Colour


def erase_boxes(image: Image, boxes: Iterable[Box], fill: Colour | Literal["random"], seed: int) -> Image:
    """Paint over boxes with a colour, or with noise, uniform over 0..255, that is grown from `seed`."""
    if fill != "random" and image.shape[2] == 1 and len(set(fill)) > 1:
        image = as_colour(image)
    erased = image.copy()
    channels = image.shape[2]
    generator = np.random.Generator(np.random.SFC64(seed)) if fill == "random" else None
    for left, top, width, height in boxes:
        inside = erased[top : top + height, left : left + width]
        if fill == "random":
            assert generator is not None
            inside[:] = generator.integers(0, 256, inside.shape, dtype=np.uint8)
        else:
            inside[:] = fill[:channels]
    return erased


def boxes_on_grid(size: Size, cell: Size, ratio: float, random_offset: bool, seed: int) -> list[Box]:
    """Return one box for each cell of a grid over an image of `size`, row by row.

    There are as many cells as fit, and at least one; pixels left over are spread over cells at random. A box
    has `ratio` of each side of its cell, at least a pixel and at most all but one, and lies anywhere in it, or
    in its upper left corner. Equals the law of Albumentations' `GridDropout`.
    """
    generator = np.random.Generator(np.random.SFC64(seed))
    rows, columns = (_parts(*sides, generator) for sides in ((size.height, cell.height), (size.width, cell.width)))
    heights, widths = (np.clip((ratio * parts).astype(int), 1, parts - 1) for parts in (rows, columns))
    tops, lefts = (
        np.broadcast_to(starts, (len(rows), len(columns)))
        for starts in ((np.cumsum(rows) - rows)[:, np.newaxis], np.cumsum(columns) - columns)
    )
    if random_offset:
        tops = tops + generator.integers(0, (rows - heights + 1)[:, np.newaxis], tops.shape)
        lefts = lefts + generator.integers(0, columns - widths + 1, lefts.shape)
    return [
        Box(int(left), int(top), int(width), int(height))
        for row_of_lefts, row_of_tops, height in zip(lefts, tops, heights, strict=True)
        for left, top, width in zip(row_of_lefts, row_of_tops, widths, strict=True)
    ]


def _parts(side: int, length: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """Divide a side into parts of about `length`, some a pixel longer than others, in random order."""
    count = max(1, side // length)
    parts = np.full(count, side // count)
    parts[: side % count] += 1
    generator.shuffle(parts)
    return parts
