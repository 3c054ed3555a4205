"""Lengths that may be given in pixels or as a share of a side, and sides of a box of a share of the area."""

from __future__ import annotations

import math

from augcli.image.arrays import Size
from augcli.settings.values import Range
from augcli.streams import Stream


def length(stream: Stream, bounds: Range, side: int) -> int:
    """Draw a whole number of pixels.

    With the upper end of `bounds` below 1 both are shares of `side`, and what is drawn between them is
    rounded down; else they are pixels, equally likely and both included.
    """
    low, high = bounds
    if high < 1:
        return int(side * stream.uniform(bounds))
    most = math.floor(high)
    return stream.integer(min(math.ceil(low), most), most)


def tried(stream: Stream, size: Size, scale: Range, ratio: Range) -> Size | None:
    """Draw the sides of a box up to ten times until they are below those of `size`, as torchvision does; None: never.

    `ratio` is height / width, log-uniform.
    """
    for _ in range(10):
        area, tall = size.width * size.height * stream.uniform(scale), stream.log_uniform(ratio)
        height, width = round(math.sqrt(area * tall)), round(math.sqrt(area / tall))
        if 0 < height < size.height and 0 < width < size.width:
            return Size(width, height)
    return None


def fitted(stream: Stream, size: Size, scale: Range, ratio: Range) -> Size | None:
    """Draw the sides of a box that fits into `size`: an area that does at every ratio, then width / height; None: none.

    `ratio` is height / width.
    """
    narrow, wide = 1 / ratio.high, 1 / ratio.low
    least = size.width * size.height * scale.low
    most = min(size.width * size.height * scale.high, size.height**2 * narrow, size.width**2 / wide)
    if most < least:
        return None
    area = stream.uniform((least, most))
    across = stream.uniform((max(narrow, area / size.height**2), min(wide, size.width**2 / area)))
    width, height = round(math.sqrt(area * across)), round(math.sqrt(area / across))
    return Size(width, height) if width and height else None
